"""Language models as raters of programs."""
