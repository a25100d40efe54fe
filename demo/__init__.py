"""The demo: the main job on a sample project, by hand or played by itself."""
