"""Clean for classical uses: case, numbers, emoji, contractions, stems, spelling."""
