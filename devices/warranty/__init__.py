"""The warranty of a camera: from the first activation, for a term fixed by region and model."""
