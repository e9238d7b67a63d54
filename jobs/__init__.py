"""What happens outside of requests: workers, the scheduler, and the jobs they run."""
