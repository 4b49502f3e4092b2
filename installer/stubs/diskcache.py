"""In the installed program, stands in place of diskcache: llama_cpp imports it for a cache that nothing here opens.

The real one keeps pickles on disk and runs what somebody else writes there (CVE-2025-69872, without a fix).
"""
