"""The OpenAPI document, and whether an answer is one that it allows."""

import re
from urllib.parse import quote

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = "urn:edda:openapi"


def pointer(*keys):
    """A URI fragment that names a place in the document."""
    return "#" + "".join("/" + quote(str(key).replace("~", "~0").replace("/", "~1")) for key in keys)


class Document:
    def __init__(self, document):
        self.document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self.registry = Registry().with_resource(ROOT, resource)
        self.templates = sorted(document["paths"], key=lambda path: (path.count("{"), path))
        self.patterns = {path: re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in self.templates}
        self.validators = {}

    def operations(self):
        return {(method, path): operation
                for path, item in self.document["paths"].items() for method, operation in item.items()}

    def template_of(self, path):
        """The template that a path belongs to; the one with the fewest parameters wins. None: no such route."""
        return next((template for template in self.templates if self.patterns[template].fullmatch(path)), None)

    def check(self, method, path, response):
        """Asserts that the document allows this answer to this request."""
        template = self.template_of(path)
        what = f"{method} {path} -> {response.status_code}: {response.text[:600]}"
        if template is None:
            assert response.status_code == 404, f"no route in the document, yet {what}"
            return
        operation = self.document["paths"][template].get(method.lower())
        if operation is None:
            assert response.status_code == 405 and response.headers.get("Allow"), f"no method in the document, yet {what}"
            return
        assert str(response.status_code) in operation["responses"], f"status not in the document: {what}"
        place = ("paths", template, method.lower(), "responses", str(response.status_code))
        self.check_answer(place, operation["responses"][str(response.status_code)], response, what)

    def check_answer(self, place, described, response, what):
        if "$ref" in described:
            place = ("components", "responses", described["$ref"].rsplit("/", 1)[1])
            described = self.document["components"]["responses"][place[-1]]
        for name, header in described.get("headers", {}).items():
            if "$ref" in header:
                header = self.document["components"]["headers"][header["$ref"].rsplit("/", 1)[1]]
            if name not in response.headers:
                assert not header.get("required"), f"header {name} is missing: {what}"
                continue
            jsonschema.validate(response.headers[name], header["schema"])
        if "content" not in described:
            assert response.content == b"", f"no body in the document, yet {what}"
            return
        media = response.headers["Content-Type"].split(";")[0].strip()
        assert media in described["content"], f"media type {media} is not in the document: {what}"
        if media.endswith("json"):
            self.check_schema(response.json(), what, *place, "content", media, "schema")

    def check_schema(self, value, what, *place):
        validator = self.validators.get(place)
        if validator is None:
            validator = jsonschema.Draft202012Validator(
                {"$ref": ROOT + pointer(*place)}, registry=self.registry,
                format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
            self.validators[place] = validator
        faults = [f"  {error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert not faults, "not as the document says:\n" + "\n".join(faults) + f"\n{what}"

    def check_component(self, name, value):
        self.check_schema(value, str(value)[:600], "components", "schemas", name)
