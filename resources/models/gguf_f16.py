"""Rewrite quantised GGUF weights as 16-bit floats.

As shipped (Q4_1) the embedded model answers nonsense in llama.cpp, which rounds the activations of the attention to 8 bits for quantised weights;
the same weights as F16 answer properly, at the same speed. The same input gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

MOSTLY_F16 = 1
"""`general.file_type` of the GGUF format."""


def rewrite_as_f16(source: Path, target: Path) -> None:
    """Write every matrix of `source` as F16, vectors as F32, all metadata as they are."""
    import gguf
    import numpy as np

    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if not name.startswith("GGUF.") and name != "general.architecture":
            _copy_field(writer, name, field)
    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        keep = values.ndim == 1 or tensor.tensor_type == gguf.GGMLQuantizationType.F32
        writer.add_tensor(tensor.name, values if keep else values.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _copy_field(writer: Any, name: str, field: Any) -> None:
    import gguf

    if name == "general.file_type":
        writer.add_uint32(name, MOSTLY_F16)
        return
    kind = field.types[0]
    writer.add_key_value(name, field.contents(), kind, sub_type=field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None)
