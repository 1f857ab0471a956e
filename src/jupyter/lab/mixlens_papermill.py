"""Parameters of TypeScript notebooks for papermill, which loads this module as it starts."""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators


class TypeScriptTranslator(Translator):
    DECLARATION = re.compile(
        r"^\s*(?:export\s+)?(?:let|const|var)\s+(?P<name>[\w$]+)\s*"
        r"(?::\s*(?P<type>[^=]+?)\s*)?=\s*(?P<value>.*?)\s*;?\s*(?://\s*(?P<help>.*))?$"
    )

    @classmethod
    def translate_none(cls, val):
        return "null"

    @classmethod
    def translate_escaped_str(cls, str_val):
        return json.dumps(str(str_val))

    @classmethod
    def translate_int(cls, val):
        if abs(val) > 2**53:
            raise PapermillException(
                f"Cannot set a parameter: expected a whole number of at most 2**53, got {val}; pass it as text"
            )
        return str(val)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "Number.NaN"
        if math.isinf(val):
            return "Number.POSITIVE_INFINITY" if val > 0 else "Number.NEGATIVE_INFINITY"
        return repr(val)

    @classmethod
    def translate_list(cls, val):
        return f"[{', '.join(cls.translate(one) for one in val)}]"

    @classmethod
    def translate_dict(cls, val):
        members = (f"{cls.translate_str(str(key))}: {cls.translate(one)}" for key, one in val.items())
        return f"{{ {', '.join(members)} }}" if val else "{}"

    @classmethod
    def comment(cls, cmt_str):
        return "\n".join(f"// {line}" for line in str(cmt_str).splitlines())

    @classmethod
    def assign(cls, name, str_val):
        return f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell):
        found = map(cls.DECLARATION.match, parameters_cell["source"].splitlines())
        return [
            Parameter(one["name"], one["type"] or "None", one["value"], one["help"] or "") for one in found if one
        ]


papermill_translators.register("mixlens", TypeScriptTranslator)
papermill_translators.register("tslab", TypeScriptTranslator)
papermill_translators.register("typescript", TypeScriptTranslator)

# papermill has no entry point for translators; it loads all engines as it starts, and this is the one that it has anyway.
Engine = NBClientEngine
