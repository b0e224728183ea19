"""A release's tables as files: parquet as it was published, or written anew as CSV or XLSX.

What does not fit into one answer of a Lambda function is stored under `exports/` once, and the reader is sent there.
"""
