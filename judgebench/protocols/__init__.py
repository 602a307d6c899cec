"""How a judge is asked and how its reply is read."""

from judgebench.protocols.base import Protocol, protocols
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.mitigation.base import Mitigation, mitigations
from judgebench.protocols.reading import Outcome, Reading
from judgebench.protocols.tokens import LabelProbabilities, TokenLogprobs

__all__ = [
    "LabelProbabilities",
    "Message",
    "Mitigation",
    "Outcome",
    "OutputContract",
    "Protocol",
    "Reading",
    "TokenLogprobs",
    "mitigations",
    "protocols",
]
