"""Files in and out: images, label images, folders of labelled images, pictures to look at."""
