"""The answer to GetLayerVersion, with a link that leads to the layer's archive: moto's leads nowhere."""

import json
from typing import Protocol
from urllib.parse import unquote

from localcloud.front.archives import link
from localcloud.lambda_.backend import Backend
from localcloud.lambda_.runtime import endpoint


class Named(Protocol):
    backend: Backend
    path: str


class LayerAnswers:
    def get_layer_version(self: Named) -> str:
        name, _, number = self.path.split("/")[-3:]
        layer = self.backend.get_layer_version(unquote(name), number)
        shown = layer.get_layer_version()
        shown["Content"]["Location"] = link(endpoint.url(), f"layers/{layer.code_digest}", lambda: layer.code_bytes)
        return json.dumps(shown)
