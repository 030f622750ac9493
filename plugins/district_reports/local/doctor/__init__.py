"""What ``district-reports doctor`` looks at: what on this machine makes the deployment unsafe, and what to do."""
