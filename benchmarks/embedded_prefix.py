"""How many tokens of a prompt the embedded model need not compute again, because the prompt before it began in the same way.

    python -m benchmarks.embedded_prefix [--model smollm2] [--texts 6] [--characters 300]

The prompts of a stage share their instructions and differ in the text. In the last line two stages, with other instructions, take turns at the
server. llama.cpp counts the tokens: other work on the machine does not change them.
"""

from __future__ import annotations

import argparse
import json
import os
import urllib.request

from benchmarks.installed_texts import corpus
from operators.text.raters.educational_prompts import EducationalValuePrompt
from resources import models


def ask(address: str, key: str, messages: list[dict[str, str]], keep: bool) -> dict[str, float]:
    """What llama.cpp tells of an answer of one token: `prompt_n` tokens of the prompt were computed, `cache_n` were there already."""
    body = json.dumps({"messages": messages, "max_tokens": 1, "temperature": 0, "cache_prompt": keep}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{address}/v1/chat/completions", body, headers)) as answer:
        timings: dict[str, float] = json.load(answer)["timings"]
        return timings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--texts", type=int, default=6)
    parser.add_argument("--characters", type=int, default=300)
    given = parser.parse_args()
    os.environ["DATAFLOW_EMBEDDED_SERVERS"] = "1"
    from resources.llm.backends import embedded_server

    servers = embedded_server.start(models.path(given.model))
    prompt = EducationalValuePrompt()
    for name, keep, stages in (("cache_prompt", True, 1), ("no cache_prompt", False, 1), ("cache_prompt, two stages in turn", True, 2)):
        computed = kept = 0.0
        milliseconds = 0.0
        for number, text in enumerate(corpus(given.texts)):
            system, user = prompt.render({"text": text, "characters": given.characters})
            system = f"This is stage {number % stages}. {system}" if stages > 1 else system
            messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
            timings = ask(servers.addresses[0], servers.api_key, messages, keep)
            computed, kept = computed + timings["prompt_n"], kept + timings.get("cache_n", 0)
            milliseconds += timings["prompt_ms"]
        share = kept / (computed + kept)
        print(f"{given.model}, {name}: {computed:,.0f} tokens computed, {kept:,.0f} kept ({share:.0%}), {milliseconds / 1000:.1f} s")


if __name__ == "__main__":
    main()
