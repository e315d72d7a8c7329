"""Deploying templates and functions."""

from localcloud.deploy.errors import TemplateError
from localcloud.deploy.functions import FunctionMaker, zipped
from localcloud.deploy.resources import install
from localcloud.deploy.stack import Deployment, deploy

__all__ = ["Deployment", "FunctionMaker", "TemplateError", "deploy", "install", "zipped"]
