"""One module per subcommand of the command line, imported when it is called."""
