"""What makes Seedling's installers; `build.spec` at the top says what is collected, with this package's help."""
