"""From a guarded file to raw sheets, in a limited child process."""
