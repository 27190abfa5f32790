"""What the words of short, published vocabularies are called elsewhere. A word counts where its meaning is allowed."""

SHORT_WORDS: dict[str, tuple[str, ...]] = {
    # kind of list_products
    "recurring": ("subscription",),
    "plan": ("subscription",),
    "single": ("one_time",),
    "one_off": ("one_time",),
    "payment": ("one_time",),
    # theme
    "auto": ("system",),
    "default": ("system",),
    "night": ("dark",),
    "day": ("light",),
    # field_type of custom_fields
    "string": ("text",),
    "textarea": ("text",),
    "integer": ("number",),
    "int": ("number",),
    "numeric": ("number",),
    "bool": ("boolean",),
    "checkbox": ("boolean",),
    "select": ("dropdown",),
    "choice": ("dropdown",),
    "enum": ("dropdown",),
    "link": ("url",),
    # font_size and font_weight
    "extra_small": ("xs",),
    "small": ("sm",),
    "medium": ("md",),
    "large": ("lg",),
    "extra_large": ("xl",),
    "regular": ("normal",),
    "heavy": ("extraBold",),
}
