"""What is kept: the evaluation journal and the Parquet dataset."""
