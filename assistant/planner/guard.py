"""Requests that are declined before any tool is touched."""

from __future__ import annotations

import re

_INJECTION = (
    # Setting the rules aside.
    r"\b(?:ignore|disregard|forget|override|bypass|discard|drop|skip|overrule|neglect|suspend"
    r"|abandon|cancel|erase|violate|break)\b[\w\s,']{0,40}\b(?:instructions?|rules?|prompts?"
    r"|guidelines?|polic(?:y|ies)|restrictions?|safeguards?|constraints?|directives?|programming"
    r"|training|guardrails?|everything (?:above|before|you|i)|what (?:you|i) (?:were|was"
    r"|have been) told|the above|all (?:previous|prior)|limits|limitations|filters?)\b",
    r"\bsystem[ -](?:prompt|message|instructions?)\b|\b(?:your|hidden|secret|initial|original"
    r"|developer) (?:prompt|instructions?|system message|rules|guidelines)\b(?!.*\b(?:events?"
    r"|classif)\b.*\bcut)",
    r"\b(?:you are now|from now on,? you|act as(?: if| an?\b| my\b| though)|pretend (?:to be"
    r"|you|that)|role-?play|simulate being|imagine you are|behave (?:as|like)|jailbreak\w*"
    r"|\bdan\b mode|do anything now|developer mode|god mode|admin(?:istrator)? mode"
    r"|unrestricted|new instructions?|sudo\b|root access|super-?user)\b",
    # Files, programs, secrets, the network.
    r"(?:^|[\s'\"(`=])(?:/(?:etc|root|home|proc|var|usr|tmp|dev|sys|bin|opt|mnt|boot)\b[\w./-]*"
    r"|~/[\w.-]*|\.\./[\w./-]*|[a-z]:\\\\?\w+|file://|ftp://|https?://|s3://|ssh://)",
    r"\b(?:passwd|shadow file|id_rsa|\.ssh|ssh keys?|\.env\b|\.bashrc|\.bash_history|\.netrc"
    r"|authorized_keys|crontab|hosts file|config files?|private keys?|api[ -_]?keys?"
    r"|credentials?|passwords?|secrets?\b|tokens? (?:of|in|from) (?:the|your) env\w*"
    r"|access tokens?|environment variables?|env vars?|os\.environ)",
    r"\b(?:execute|run|exec|eval|evaluate|invoke|launch|call|spawn|start|compile"
    r"|type)\b[\w\s,:'\"`]{0,25}(?:\b(?:shell|bash|terminal|command line|commands?|code"
    r"|scripts?|powershell|subprocess|python (?:code|script|snippet|program)|program|sql"
    r"|javascript|exe|binary|os)\b|`)",
    r"\b(?:rm -\w+|sudo |chmod |chown |curl |wget |nc -\w|cat /|ls [-/~]|import os|os\.system"
    r"|subprocess|__import__|eval\(|exec\(|open\(|drop table|select \* from|insert into"
    r"|delete from|rmdir|mkfs|dd if|base64|pickle|fork bomb|shutil|system\()",
    r"(?<!the )(?<!what )(?<!which )(?<!\ba )(?<!of )\b(?:delete|remove|wipe|overwrite|destroy"
    r"|format|erase|rename|modify|edit|tamper with|corrupt|move|copy|upload|email|e-mail|mail"
    r"|send|post|transmit|exfiltrate|share|leak|download|install|fetch"
    r"|forward)\b[\w\s,'\"]{0,35}\b(?:files?|folders?|director(?:y|ies)|disks?|hard drive|home"
    r"|databases?|weights|emails?|e-mail|server|internet|web|url|website|slack|twitter|package"
    r"|pip|npm|checkpoints?|log files?|history|account|machine|computer|boss|colleagues?"
    r"|attacker|address|my desktop|usb)\b",
    r"\b(?:print|show|read|cat|list|dump|reveal|display|open|output|leak|expose|tell me|give me"
    r"|summari[sz]e|repeat|echo|quote|load|view|what(?:'s| is| "
    r"are))\b[\w\s,'\"]{0,40}\b(?:contents? of (?:the |your |my |a )?(?:files?|folder"
    r"|director\w+|disk|home|/)|(?:text|everything|words?|all) (?:above|before this)"
    r"|working director\w+|home director\w+|current director\w+|file ?system|hard (?:disk"
    r"|drive)|source code|your (?:code|config\w*|weights|instructions?|prompt|rules|system"
    r"|context|memory)|(?:operating )?system files|users? on (?:this|the) (?:machine|computer"
    r"|system)|ip address|hostname|user ?names?)\b",
    r"<\|?\s*(?:im_start|im_end|system|assistant|user|endoftext)\b|\[/?inst\]|###\s*(?:system"
    r"|instruction)|<script|\{\{.*\}\}|\btool_calls?\b|\bfunction_call\b|['\"](?:name|tool"
    r"|function|action|arguments)['\"]\s*:",
    r"\b(?:make up|fabricat\w+|invent|fake(?! rate)|falsif\w+|forge|hallucinat\w+"
    r"|cook)\b[\w\s,]{0,25}\b(?:numbers?|results?|data|events?|citations?|references?"
    r"|accurac\w+|statistics?|values?|figures?|papers?|answers?|efficienc\w+|purit\w+)\b",
    r"\bsay (?:that )?(?:the )?(?:accuracy|purity|efficiency|\w+ accuracy) is\b|\b(?:claim"
    r"|state|report|answer|respond|reply|say|tell (?:me|everyone|them))\b[\w\s]{0,25}\b(?:100 "
    r"?%|regardless|no matter what|whatever the|even if it is (?:not|wrong|false))",
)


def is_injection(text: str) -> bool:
    """Say whether a normalised question tries to change the rules or to reach beyond the data."""
    return any(re.search(pattern, text) for pattern in _INJECTION)


_SMALL_TALK = (
    (
        r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)"
        r"|greetings|howdy)(?: there| nulens| again| all)?",
        "greeting",
    ),
    (
        r"(?:thanks?|thank you|thx|cheers|great|perfect|nice|cool|ok|okay|wonderful|excellent"
        r"|got it|good job|well done|much appreciated|very nice|alright|bye"
        r"|goodbye)(?: you)?(?: very much| so much| a lot| for (?:that|this|the help"
        r"|your help))?(?:,? (?:great|perfect|nice|cool|thanks?|thank you|bye))?",
        "thanks",
    ),
    (
        r"(?:(?:which|what)|list|name)(?: are)?(?: the| your| all)? (?:\w+ )?(?:models|classifiers"
        r"|networks|nets)(?: (?:do you have|do you know|have you got|are (?:there|available|loaded"
        r"|installed|supported)|can (?:i|you|we) (?:use|run|choose(?: from)?)|exist|is there|you"
        r" have))?|what is (?:the|your) (?:default|standard) (?:model|classifier|network)",
        "models",
    ),
    (
        r"(?:help|what can (?:i|we|you) do(?: here| with (?:this|you))?|what can you do(?: for me)?"
        r"|what are you able to do|what are you capable of|what do you do|who are you|what are you"
        r"|how can you help(?: me)?|what (?:can|may|should) i ask(?: you)?|how do (?:i|you) (?:use"
        r" (?:this|you|nulens)|work)|what (?:tools|functions|capabilities) (?:do you have|are"
        r" there)|what are your (?:tools|capabilities|functions))",
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
    """Return ``greeting``, ``thanks``, ``help`` or ``models``; None for a request."""
    stripped = text.strip(" .!?,")
    sentences = [s for s in re.split(r"[.!?;]+\s+", stripped) if s]
    if len(sentences) > 1:
        return _together(sentences)
    for pattern, kind in _SMALL_TALK:
        if re.fullmatch(pattern, stripped):
            return kind
    words = set(re.findall(r"[a-z]+", stripped))
    if words and len(stripped.split()) <= 12 and words <= _TALK:
        return "thanks" if _THANKING & words else "greeting" if _GREETING & words else None
    clauses = re.split(r",\s+", stripped)
    return _together(clauses) if len(clauses) > 1 else None


def _together(parts: list[str]) -> str | None:
    """Return what several sentences or clauses are of, if each is small talk."""
    kinds = [small_talk(part) for part in parts]
    return next((k for k in ("help", "thanks", "greeting") if k in kinds and all(kinds)), None)
