"""The routes of moto's Lambda front, leading to ours; names may hold `$LATEST`, and one path is new."""

import re

from moto.awslambda import urls

from localcloud.lambda_.front import LambdaFront

_NAMES = re.compile(r"\[\\w_[:%-]*\]\+")
_WIDER_NAME = r"[^/]+"  # moto drops every $ from a pattern; what a name must not have, is refused behind it
_PROVISIONED = rf"{{0}}/(?P<api_version>[^/]+)/functions/(?P<function_name>{_WIDER_NAME})/provisioned-concurrency/?$"
_URLS = rf"{{0}}/(?P<api_version>[^/]+)/functions/(?P<function_name>{_WIDER_NAME})/urls/?$"
_RUNTIMES = rf"{{0}}/2021-07-20/functions/(?P<function_name>{_WIDER_NAME})/runtime-management-config/?$"
_ACCOUNT = "{0}/2016-08-19/account-settings/?$"

url_bases = urls.url_bases
url_paths = {
    **{_NAMES.sub(lambda _: _WIDER_NAME, path): LambdaFront.dispatch for path in urls.url_paths},
    _PROVISIONED: LambdaFront.dispatch,
    _URLS: LambdaFront.dispatch,
    _RUNTIMES: LambdaFront.dispatch,
    _ACCOUNT: LambdaFront.dispatch,
}
