"""Requests that are declined before any tool is touched."""

from __future__ import annotations

import re

_INJECTION = (
    # Setting the rules aside.
    r"\b(?:ignore|disregard|forget|override|bypass|discard|drop|skip|overrule|neglect|suspend|abandon|cancel|erase|violate|break)\b[\w\s,']{0,40}\b(?:instructions?|rules?|prompts?|guidelines?|polic(?:y|ies)|restrictions?|safeguards?|constraints?|directives?|programming|training|guardrails?|everything (?:above|before|you|i)|what (?:you|i) (?:were|was|have been) told|the above|all (?:previous|prior)|limits|limitations|filters?)\b",
    r"\bsystem[ -](?:prompt|message|instructions?)\b|\b(?:your|hidden|secret|initial|original|developer) (?:prompt|instructions?|system message|rules|guidelines)\b(?!.*\b(?:events?|classif)\b.*\bcut)",
    r"\b(?:you are now|from now on,? you|act as(?: if| an?\b| my\b| though)|pretend (?:to be|you|that)|role-?play|simulate being|imagine you are|behave (?:as|like)|jailbreak\w*|\bdan\b mode|do anything now|developer mode|god mode|admin(?:istrator)? mode|unrestricted|new instructions?|sudo\b|root access|super-?user)\b",
    # Files, programs, secrets, the network.
    r"(?:^|[\s'\"(`=])(?:/(?:etc|root|home|proc|var|usr|tmp|dev|sys|bin|opt|mnt|boot)\b[\w./-]*|~/[\w.-]*|\.\./[\w./-]*|[a-z]:\\\\?\w+|file://|ftp://|https?://|s3://|ssh://)",
    r"\b(?:passwd|shadow file|id_rsa|\.ssh|ssh keys?|\.env\b|\.bashrc|\.bash_history|\.netrc|authorized_keys|crontab|hosts file|config files?|private keys?|api[ -_]?keys?|credentials?|passwords?|secrets?\b|tokens? (?:of|in|from) (?:the|your) env\w*|access tokens?|environment variables?|env vars?|os\.environ)",
    r"\b(?:execute|run|exec|eval|evaluate|invoke|launch|call|spawn|start|compile|type)\b[\w\s,:'\"`]{0,25}(?:\b(?:shell|bash|terminal|command line|commands?|code|scripts?|powershell|subprocess|python (?:code|script|snippet|program)|program|sql|javascript|exe|binary|os)\b|`)",
    r"\b(?:rm -\w+|sudo |chmod |chown |curl |wget |nc -\w|cat /|ls [-/~]|import os|os\.system|subprocess|__import__|eval\(|exec\(|open\(|drop table|select \* from|insert into|delete from|rmdir|mkfs|dd if|base64|pickle|fork bomb|shutil|system\()",
    r"\b(?:delete|remove|wipe|overwrite|destroy|format|erase|rename|modify|edit|tamper with|corrupt|move|copy|upload|email|e-mail|mail|send|post|transmit|exfiltrate|share|leak|download|install|fetch|forward)\b[\w\s,'\"]{0,35}\b(?:files?|folders?|director(?:y|ies)|disks?|hard drive|home|databases?|weights|emails?|e-mail|server|internet|web|url|website|slack|twitter|package|pip|npm|checkpoints?|log files?|history|account|machine|computer|boss|colleagues?|attacker|address|my desktop|usb)\b",
    r"\b(?:print|show|read|cat|list|dump|reveal|display|open|output|leak|expose|tell me|give me|summari[sz]e|repeat|echo|quote|load|view|what(?:'s| is| are))\b[\w\s,'\"]{0,40}\b(?:contents? of (?:the |your |my |a )?(?:files?|folder|director\w+|disk|home|/)|(?:text|everything|words?|all) (?:above|before this)|working director\w+|home director\w+|current director\w+|file ?system|hard (?:disk|drive)|source code|your (?:code|config\w*|weights|instructions?|prompt|rules|system|context|memory)|(?:operating )?system files|users? on (?:this|the) (?:machine|computer|system)|ip address|hostname|user ?names?)\b",
    r"<\|?\s*(?:im_start|im_end|system|assistant|user|endoftext)\b|\[/?inst\]|###\s*(?:system|instruction)|<script|\{\{.*\}\}|\btool_calls?\b|\bfunction_call\b",
    r"\b(?:make up|fabricat\w+|invent|fake|falsif\w+|forge|hallucinat\w+|cook)\b[\w\s,]{0,25}\b(?:numbers?|results?|data|events?|citations?|references?|accurac\w+|statistics?|values?|figures?|papers?|answers?|efficienc\w+|purit\w+)\b",
    r"\bsay (?:that )?(?:the )?(?:accuracy|purity|efficiency|\w+ accuracy) is\b|\b(?:claim|state|report|answer|respond|reply|say|tell (?:me|everyone|them))\b[\w\s]{0,25}\b(?:100 ?%|regardless|no matter what|whatever the|even if it is (?:not|wrong|false))",
)


def is_injection(text: str) -> bool:
    """Say whether a normalised question tries to change the rules or to reach beyond the data."""
    return any(re.search(pattern, text) for pattern in _INJECTION)


_SMALL_TALK = (
    (
        r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|howdy)(?: there| nulens| again| all)?",
        "greeting",
    ),
    (
        r"(?:thanks?|thank you|thx|cheers|great|perfect|nice|cool|ok|okay|wonderful|excellent|got it|good job|well done|much appreciated|very nice|alright|bye|goodbye)(?: you)?(?: very much| so much| a lot| for (?:that|this|the help|your help))?(?:,? (?:great|perfect|nice|cool|thanks?|thank you|bye))?",
        "thanks",
    ),
    (
        r"(?:help|what can you do(?: for me)?|what do you do|who are you|what are you|how can you help(?: me)?|what (?:can|may|should) i ask(?: you)?|how do (?:i|you) (?:use (?:this|you|nulens)|work)|what (?:tools|functions|capabilities) (?:do you have|are there)|what are your (?:tools|capabilities|functions))",
        "help",
    ),
)


def small_talk(text: str) -> str | None:
    """Return ``greeting``, ``thanks`` or ``help`` where the question is nothing else."""
    stripped = text.strip(" .!?,")
    for pattern, kind in _SMALL_TALK:
        if re.fullmatch(pattern, stripped):
            return kind
    return None
