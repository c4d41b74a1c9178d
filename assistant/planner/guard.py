"""Requests that are declined before any tool is touched."""

from __future__ import annotations

import re

_INJECTION = (
    # Setting the rules aside.
    (
        r"\b(?:ignore|disregard|forget|override|bypass|discard|drop|skip"
        r"|overrule|neglect|suspend|abandon|cancel|erase|violate"
        r"|break)\b[\w\s,']{0,40}\b(?:instructions?|rules?|prompts?"
        r"|guidelines?|polic(?:y|ies)|restrictions?|safeguards?"
        r"|constraints?|directives?|programming|training|guardrails?"
        r"|everything (?:above|before|you|i)|what (?:you|i) (?:were|was"
        r"|have been) told|the above|all (?:previous|prior)|limits"
        r"|limitations|filters?)\b"
    ),
    (
        r"\bsystem[ -](?:prompt|message|instructions?)\b|\b(?:your"
        r"|hidden|secret|initial|original|developer) (?:prompt"
        r"|instructions?|system message|rules"
        r"|guidelines)\b(?!.*\b(?:events?|classif)\b.*\bcut)"
    ),
    (
        r"\b(?:you are now|from now on,? you|act as(?: if| an?\b| my\b| "
        r"though)|pretend (?:to be|you|that)|role-?play|simulate being"
        r"|imagine you are|behave (?:as|like)|jailbreak\w*|\bdan\b mode"
        r"|do anything now|developer mode|god mode|admin(?:istrator)? "
        r"mode|unrestricted|new instructions?|sudo\b|root access"
        r"|super-?user)\b"
    ),
    # Files, programs, secrets, the network.
    (
        r"(?:^|[\s'\"(`=])(?:/(?:etc|root|home|proc|var|usr|tmp|dev|sys"
        r"|bin|opt|mnt|boot)\b[\w./-]*|~/[\w.-]*|\.\./[\w./-]*"
        r"|[a-z]:\\\\?\w+|file://|ftp://|https?://|s3://|ssh://)"
    ),
    (
        r"\b(?:passwd|shadow file|id_rsa|\.ssh|ssh keys?|\.env\b"
        r"|\.bashrc|\.bash_history|\.netrc|authorized_keys|crontab"
        r"|hosts file|config files?|private keys?|api[ -_]?keys?"
        r"|credentials?|passwords?|secrets?\b|tokens? (?:of|in|from) "
        r"(?:the|your) env\w*|access tokens?|environment variables?|env "
        r"vars?|os\.environ)"
    ),
    (
        r"\b(?:execute|run|exec|eval|evaluate|invoke|launch|call|spawn"
        r"|start|compile|type)\b[\w\s,:'\"`]{0,25}(?:\b(?:shell|bash"
        r"|terminal|command line|commands?|code|scripts?|powershell"
        r"|subprocess|python (?:code|script|snippet|program)|program|sql"
        r"|javascript|exe|binary|os)\b|`)"
    ),
    (
        r"\b(?:rm -\w+|sudo |chmod |chown |curl |wget |nc -\w|cat /|ls "
        r"[-/~]|import os|os\.system|subprocess|__import__|eval\(|exec\("
        r"|open\(|drop table|select \* from|insert into|delete from"
        r"|rmdir|mkfs|dd if|base64|pickle|fork bomb|shutil|system\()"
    ),
    (
        r"(?<!the )(?<!what )(?<!which )(?<!\ba )(?<!of )\b(?:delete|remove|wipe|overwrite|destroy|format|erase|rename"
        r"|modify|edit|tamper with|corrupt|move|copy|upload|email|e-mail"
        r"|mail|send|post|transmit|exfiltrate|share|leak|download"
        r"|install|fetch|forward)\b[\w\s,'\"]{0,35}\b(?:files?|folders?"
        r"|director(?:y|ies)|disks?|hard drive|home|databases?|weights"
        r"|emails?|e-mail|server|internet|web|url|website|slack|twitter"
        r"|package|pip|npm|checkpoints?|log files?|history|account"
        r"|machine|computer|boss|colleagues?|attacker|address|my desktop"
        r"|usb)\b"
    ),
    (
        r"\b(?:print|show|read|cat|list|dump|reveal|display|open|output"
        r"|leak|expose|tell me|give me|summari[sz]e|repeat|echo|quote"
        r"|load|view|what(?:'s| is| "
        r"are))\b[\w\s,'\"]{0,40}\b(?:contents? of (?:the |your |my |a "
        r")?(?:files?|folder|director\w+|disk|home|/)|(?:text|everything"
        r"|words?|all) (?:above|before this)|working director\w+|home "
        r"director\w+|current director\w+|file ?system|hard (?:disk"
        r"|drive)|source code|your (?:code|config\w*|weights"
        r"|instructions?|prompt|rules|system|context|memory)"
        r"|(?:operating )?system files|users? on (?:this|the) (?:machine"
        r"|computer|system)|ip address|hostname|user ?names?)\b"
    ),
    (
        r"<\|?\s*(?:im_start|im_end|system|assistant|user|endoftext)\b"
        r"|\[/?inst\]|###\s*(?:system|instruction)|<script|\{\{.*\}\}"
        r"|\btool_calls?\b|\bfunction_call\b"
        r"|['\"](?:name|tool|function|action|arguments)['\"]\s*:"
    ),
    (
        r"\b(?:make up|fabricat\w+|invent|fake|falsif\w+|forge"
        r"|hallucinat\w+|cook)\b[\w\s,]{0,25}\b(?:numbers?|results?|data"
        r"|events?|citations?|references?|accurac\w+|statistics?|values?"
        r"|figures?|papers?|answers?|efficienc\w+|purit\w+)\b"
    ),
    (
        r"\bsay (?:that )?(?:the )?(?:accuracy|purity|efficiency|\w+ "
        r"accuracy) is\b|\b(?:claim|state|report|answer|respond|reply"
        r"|say|tell (?:me|everyone|them))\b[\w\s]{0,25}\b(?:100 ?%"
        r"|regardless|no matter what|whatever the|even if it is (?:not"
        r"|wrong|false))"
    ),
)


def is_injection(text: str) -> bool:
    """Say whether a normalised question tries to change the rules or to reach beyond the data."""
    return any(re.search(pattern, text) for pattern in _INJECTION)


_SMALL_TALK = (
    (
        (
            r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)"
            r"|greetings|howdy)(?: there| nulens| again| all)?"
        ),
        "greeting",
    ),
    (
        (
            r"(?:thanks?|thank you|thx|cheers|great|perfect|nice|cool|ok"
            r"|okay|wonderful|excellent|got it|good job|well done|much "
            r"appreciated|very nice|alright|bye|goodbye)(?: you)?(?: very "
            r"much| so much| a lot| for (?:that|this|the help|your "
            r"help))?(?:,? (?:great|perfect|nice|cool|thanks?|thank you"
            r"|bye))?"
        ),
        "thanks",
    ),
    (
        (
            r"(?:help|what can you do(?: for me)?|what are you able to do"
            r"|what are you capable of|what do you do|who are you"
            r"|what are you|how can you help(?: me)?|what (?:can|may"
            r"|should) i ask(?: you)?|how do (?:i|you) (?:use (?:this|you"
            r"|nulens)|work)|what (?:tools|functions|capabilities) (?:do "
            r"you have|are there)|what are your (?:tools|capabilities"
            r"|functions))"
        ),
        "help",
    ),
)


_GREETING, _THANKING, _OTHER_TALK = (
    frozenset(line.split())
    for line in (
        "hi hello hey morning evening afternoon greetings howdy welcome meet",
        "thanks thank cheers bye goodbye great perfect awesome helpful appreciated wonderful",
        "a all and are be dear did everyone for folks friend good help how i is it job later lot"
        " lots much my nice nulens of ok okay really see so super that the there this to today very"
        " was well work you your again now then soon cool",
    )
)
_TALK = _GREETING | _THANKING | _OTHER_TALK


def small_talk(text: str) -> str | None:
    """Return ``greeting``, ``thanks`` or ``help`` where the question is nothing else."""
    stripped = text.strip(" .!?,")
    sentences = [s for s in re.split(r"[.!?;]+\s+", stripped) if s]
    if len(sentences) > 1:
        kinds = [small_talk(s) for s in sentences]
        return next((k for k in ("help", "thanks", "greeting") if k in kinds and all(kinds)), None)
    for pattern, kind in _SMALL_TALK:
        if re.fullmatch(pattern, stripped):
            return kind
    words = re.findall(r"[a-z]+", stripped)
    if words and len(words) <= 12 and _TALK.issuperset(words):
        return (
            "thanks" if _THANKING & set(words) else "greeting" if _GREETING & set(words) else None
        )
    return None
