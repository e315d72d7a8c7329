"""Access to AWS: everything that reads and changes AWS. Only this package uses boto3."""
