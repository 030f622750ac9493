"""What lies on disks: the folders of the districts, the archive, checked snapshots."""
