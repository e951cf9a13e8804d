"""PostgreSQL and Valkey as parts of the service: started and stopped by it, installed with it, used by nobody else."""
