"""The hands: all that reads and changes AWS. The only place of boto3."""
