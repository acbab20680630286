"""The multimodal graph as arrays: layout and condition."""
