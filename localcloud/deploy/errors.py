class TemplateError(ValueError):
    """The template, or what it refers to, cannot be deployed; the message says what to change."""
