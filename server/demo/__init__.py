"""The main job, shown on one machine: real processes, real video, in a folder of its own."""
