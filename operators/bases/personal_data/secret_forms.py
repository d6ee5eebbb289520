"""The marks of issuers, and what tells a key from a placeholder."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

_URL_SAFE: Final = "[0-9A-Za-z_-]"

TOKENS: Final[dict[str, str]] = {
    "aws_access_key_id": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    "github_token": r"gh[pousr]_[0-9A-Za-z]{36,255}|github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}",
    "gitlab_token": rf"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt|ffct)-{_URL_SAFE}{{20,300}}(?:(?:\.[0-9]{{2}})?\.[0-9a-z]{{9}})?",
    "npm_token": r"npm_[0-9A-Za-z]{36}",
    "pypi_token": rf"pypi-AgE{_URL_SAFE}{{50,255}}",
    "slack_token": r"xox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{10,250}|xapp-[0-9]-[0-9A-Z]{8,12}-[0-9]{10,14}-[0-9a-f]{32,64}",
    "slack_webhook": r"https://hooks\.slack\.com/(?:services|workflows)/[0-9A-Z]{8,12}/[0-9A-Z]{8,12}/[0-9A-Za-z]{20,32}",
    "discord_webhook": rf"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/[0-9]{{17,20}}/{_URL_SAFE}{{60,80}}",
    "discord_token": rf"[MNO][0-9A-Za-z_-]{{23,27}}\.{_URL_SAFE}{{6}}\.{_URL_SAFE}{{27,45}}",
    "telegram_token": rf"[0-9]{{8,10}}:AA{_URL_SAFE}{{33}}",
    "stripe_key": r"(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,247}|whsec_[0-9A-Za-z+/=]{24,64}",
    "google_api_key": rf"AIza{_URL_SAFE}{{35}}",
    "google_oauth": rf"GOCSPX-{_URL_SAFE}{{28}}|ya29\.{_URL_SAFE}{{20,400}}|1//0{_URL_SAFE}{{40,120}}",
    "anthropic_key": rf"sk-ant-(?:api|admin|oat|sid)[0-9]{{2}}-{_URL_SAFE}{{40,130}}",
    "openai_key": rf"sk-(?:proj|svcacct|admin|None)-{_URL_SAFE}{{40,200}}|sk-[0-9A-Za-z]{{20}}T3BlbkFJ[0-9A-Za-z]{{20}}|sk-[0-9A-Za-z]{{32,64}}",
    "openrouter_key": r"sk-or-v1-[0-9a-f]{64}",
    "huggingface_token": r"hf_[0-9A-Za-z]{30,40}|api_org_[0-9A-Za-z]{34}",
    "groq_key": r"gsk_[0-9A-Za-z]{48,56}",
    "xai_key": r"xai-[0-9A-Za-z]{70,90}",
    "replicate_token": r"r8_[0-9A-Za-z]{37}",
    "perplexity_key": r"pplx-[0-9A-Za-z]{40,60}",
    "twilio_key": r"(?:SK|AC)[0-9a-f]{32}",
    "sendgrid_key": rf"SG\.{_URL_SAFE}{{16,32}}\.{_URL_SAFE}{{16,64}}",
    "mailgun_key": r"key-[0-9a-f]{32}",
    "mailchimp_key": r"[0-9a-f]{32}-us[0-9]{1,2}",
    "azure_client_secret": r"[0-9A-Za-z_~.]{3}[0-9]Q~[0-9A-Za-z_~.-]{31,34}",
    "digitalocean_token": r"do[opr]_v1_[0-9a-f]{64}",
    "shopify_token": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "square_token": rf"EAAA{_URL_SAFE}{{60}}|sq0(?:atp|csp)-{_URL_SAFE}{{22,43}}",
    "facebook_token": r"EAA[0-9A-Za-z]{80,250}",
    "atlassian_token": rf"ATATT3[0-9A-Za-z_=-]{{60,250}}|ATCTT3{_URL_SAFE}{{60,250}}",
    "databricks_token": r"dapi[0-9a-f]{32}(?:-[0-9])?",
    "new_relic_key": r"NRAK-[0-9A-Z]{27}",
    "sentry_token": rf"sntry[su]_{_URL_SAFE}{{40,400}}",
    "mapbox_token": rf"[ps]k\.eyJ1Ijoi{_URL_SAFE}{{20,120}}\.{_URL_SAFE}{{22}}",
    "tavily_key": rf"tvly-(?:dev-|prod-)?{_URL_SAFE}{{28,48}}",
    "datadog_key": r"ddp_[0-9A-Za-z]{36}",
    "linear_key": r"lin_api_[0-9A-Za-z]{40}",
    "notion_token": r"ntn_[0-9A-Za-z]{40,50}",
    "figma_token": rf"figd_{_URL_SAFE}{{40,44}}",
    "postman_key": r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
    "doppler_token": r"dp\.(?:pt|st|sa|ct)\.[0-9A-Za-z]{40,48}",
    "vault_token": rf"hv[sbr]\.{_URL_SAFE}{{24,300}}",
    "docker_token": rf"dckr_pat_{_URL_SAFE}{{27}}",
    "rubygems_key": r"rubygems_[0-9a-f]{48}",
    "crates_token": r"cio[0-9A-Za-z]{32}",
    "grafana_token": r"glc_[0-9A-Za-z+/]{32,400}={0,2}|glsa_[0-9A-Za-z]{32}_[0-9a-f]{8}|eyJrIjoi[0-9A-Za-z]{40,200}={0,2}",
    "nvidia_key": rf"nvapi-{_URL_SAFE}{{60,70}}",
    "cerebras_key": r"csk-[0-9a-z]{48}",
    "pinecone_key": r"pcsk_[0-9A-Za-z_]{60,80}",
    "langsmith_key": r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}",
    "langfuse_key": r"sk-lf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "elevenlabs_key": r"sk_[0-9a-f]{48}",
    "firecrawl_key": r"fc-[0-9a-f]{32}",
    "jina_key": rf"jina_[0-9a-f]{{32}}{_URL_SAFE}{{28}}",
    "supabase_token": rf"sbp_[0-9a-f]{{40}}|sb_secret_{_URL_SAFE}{{28,48}}",
    "tailscale_key": r"tskey-(?:auth|api|client|scim|webhook)-[0-9A-Za-z]{8,20}-[0-9A-Za-z]{20,40}",
    "vercel_token": r"vercel_blob_rw_[0-9A-Za-z]{16}_[0-9A-Za-z]{28,40}",
    "netlify_token": r"nfp_[0-9A-Za-z]{36,40}",
    "planetscale_token": r"pscale_(?:tkn|oauth|pw)_[0-9A-Za-z_.=-]{32,64}",
    "heroku_key": rf"HRKU-AA{_URL_SAFE}{{58}}",
    "fly_token": r"fo1_[0-9A-Za-z_-]{43}",
    "airtable_token": r"pat[0-9A-Za-z]{14}\.[0-9a-f]{64}",
    "brevo_key": r"xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16}",
    "resend_key": r"re_[0-9A-Za-z]{8}_[0-9A-Za-z]{24}",
    "contentful_token": rf"CFPAT-{_URL_SAFE}{{43}}",
    "pulumi_token": r"pul-[0-9a-f]{40}",
    "terraform_token": rf"[0-9A-Za-z]{{14}}\.atlasv1\.{_URL_SAFE}{{60,70}}",
    "sonar_token": r"sq[apu]_[0-9a-f]{40}",
    "artifactory_key": r"AKCp[0-9A-Za-z]{69}",
    "dynatrace_token": r"dt0[a-z][0-9]{2}\.[A-Z2-7]{24}\.[A-Z2-7]{64}",
    "posthog_key": r"ph[rsx]_[0-9A-Za-z]{40,50}",
    "easypost_key": r"EZ[AT]K[0-9A-Za-z]{54}",
    "flutterwave_key": r"FLWSECK(?:_TEST)?-[0-9A-Za-z]{12,40}(?:-X)?",
    "adafruit_key": r"aio_[0-9A-Za-z]{28}",
    "alibaba_key_id": r"LTAI[0-9A-Za-z]{20}",
    "tencent_key_id": r"AKID[0-9A-Za-z]{32}",
    "one_password_token": rf"ops_eyJ{_URL_SAFE}{{250,1500}}",
    "age_key": r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
    "json_web_token": rf"eyJ{_URL_SAFE}{{10,1500}}\.eyJ{_URL_SAFE}{{8,4000}}\.{_URL_SAFE}{{16,1000}}",
}
"""Name -> what it looks like, as their issuers say. Lengths are bounded, so that no text takes long."""

_PLACEHOLDER: Final = re.compile(
    r"example|placeholder|change[-_]?me|replace|insert|redacted|dummy|sample|fake|your[-_]|[-_]here|my[-_]?(?:secret|password|token|key|api)|"
    r"x{4}|\*{3}|\.{3}|0{8}|(?:abcd|bcde|cdef)(?:efgh|1234)|0?123456789|12345678|987654321|a1b2c3|abc123|"
    r"\$\{|\{\{|%\(|<|>|\bnone\b|\bnull\b|\btodo\b|foobar|lorem",
    re.IGNORECASE,
)
_FILL_IN: Final = re.compile(
    r"example|placeholder|change[-_]?me|redacted|dummy|fake|your[-_]|[-_]here|x{4}|\*{3}|\.{3}|0{8}|\$\{|\{\{|%\(|<|>", re.IGNORECASE
)
_PLAIN_WORDS: Final = re.compile(
    r"password|passwd|secret|token|admin|login|default|qwerty|letmein|welcome|test|string|value|process|config|environ|self|this|settings|request",
    re.I,
)
_CODE: Final = re.compile(r"[({\[<]|^\$|\$\{|%[(sd]|^[a-z_]\w*(?:\.[a-z_]\w*)+(?:$|=\w)|::|->|^/|^\.|^https?:", re.IGNORECASE)
_IDENTIFIER: Final = re.compile(
    r"_*(?:(?:[a-z]{2,}\d{0,2}_)+[a-z]{2,}\d{0,2}|(?:[A-Z]{2,}\d{0,2}_)+[A-Z]{2,}\d{0,2}|"
    r"(?=\w*[A-Z][a-z]{4,})(?:[A-Z][a-z]+|[A-Z]{1,6}|[a-z]{2,})\d{0,5}(?:[A-Z][a-z]{2,}\d{0,5})+)"
)
"""Words and numbers in snake_case or in CamelCase: sigv4_auth_cls, SOCKS5_AUTH_END, S3CredentialProvider."""
_LOWEST_ENTROPY: Final = 2.9
_DJANGO_KEY: Final = re.compile(r"(?:django-insecure-)?[a-z0-9!@#$%^&*(\-_=+)]{50}")
_SHARE_OF_HIGHEST: Final = 0.83
"""A short value cannot have more than the logarithm of its length: 3 bits of 8 characters, of which two are often alike."""


def is_placeholder(value: str) -> bool:
    """Whether it says that a key belongs there, or is too even for one."""
    return bool(_PLACEHOLDER.search(value)) or len(set(value[-16:])) < 4


def is_filled_in(token: str) -> bool:
    """Whether a token that has its issuer's mark is no picture of one: a row of letters or digits in it may be chance, or somebody's test key."""
    return not _FILL_IN.search(token) and len(set(token[-16:])) >= 4


_DEFAULTS: Final = frozenset("password passwd pass pwd pw secret token root admin postgres mysql guest user tiger foo bar test".split())


def is_somebodys(user: str, password: str) -> bool:
    """Whether a password that stands behind a name is one that somebody chose."""
    return password.lower() not in _DEFAULTS and password != user and "{" not in password and not is_placeholder(password)


def is_plain(value: str) -> bool:
    """Whether it is made of words for what belongs there: API_TOKEN, mypassword, $SECRET."""
    return value.isupper() or value[0] in "$%" or bool(_PLAIN_WORDS.search(value))


def is_identifier(value: str) -> bool:
    """Whether it is the name of a variable, a function or a class, where it stands without quotes."""
    return bool(_IDENTIFIER.fullmatch(value))


def is_django_key(value: str) -> bool:
    """Whether it is made as Django makes the key of a project: 50 small letters, digits and signs, brackets too."""
    return bool(_DJANGO_KEY.fullmatch(value)) and sum(character.isdigit() for character in value) >= 2 and entropy(value[-50:]) > 4


def entropy(value: str) -> float:
    """Shannon's, in bits for each character."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def is_random(value: str) -> bool:
    """Whether a value is a password or a key rather than a word, a name, a path or a call: letters and digits, mixed, and hardly one twice."""
    if len(value) < 8 or _CODE.search(value) or _PLAIN_WORDS.search(value):
        return False
    letters, digits = (any(test(character) for character in value) for test in (str.isalpha, str.isdigit))
    if not letters:
        return False
    marks = any(not character.isalnum() and character not in "_-." for character in value)
    mixed = value != value.lower() and value != value.upper() and not value.istitle()
    if not digits and not (marks and mixed):
        return False
    words = re.findall(r"[A-Za-z]{5,}", value)
    mostly_words = sum(map(len, words)) > 0.6 * len(value) and all(word.islower() or word.istitle() or word.isupper() for word in words)
    return not mostly_words and entropy(value) >= min(_LOWEST_ENTROPY, _SHARE_OF_HIGHEST * math.log2(len(value)))
