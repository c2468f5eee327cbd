"""Makes the models that Attograph ships: data, language model, transcoder, export and evaluation."""
