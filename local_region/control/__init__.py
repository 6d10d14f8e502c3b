"""What moto lacks, a small file a behaviour, and the loop that lets them work."""
