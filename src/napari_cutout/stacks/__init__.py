"""Many frames: stacks, volumes and videos, frame by frame. Arrays and files in, objects out."""
