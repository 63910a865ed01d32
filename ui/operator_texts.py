"""What the operator is told, by key; one line each."""

from collections.abc import Mapping

OPERATOR_TEXTS: Mapping[str, str] = {
    "out_of_credits": "PixelDojo refuses jobs: the account is out of credits. Buy some on its API page.",
    "invalid_key": "PixelDojo does not accept PIXELDOJO_API_KEY. Set a valid one and restart.",
    "model_gone": "PixelDojo no longer offers {model}. PIXELDOJO_MODELS decides what takes its place.",
    "billed_beyond": "PixelDojo ended a job of {model} with a bill of {billed}; it took it for {cost}, and "
    "that is what its member paid. The rest is suspected drift: /usage report sums it up.",
    "storage_full": "DATA_DIR cannot be written. Free some space: finished images wait at the provider.",
}
