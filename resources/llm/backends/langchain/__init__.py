"""LangChain both ways (extra `[langchain]`): any of its chat models behind our engine, and our serving as one of its chat models."""

try:
    import langchain_core  # noqa: F401 - the imports below would say less
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("the LangChain bridge needs langchain-core: pip install langchain-core") from error

from resources.llm.backends.langchain.our_serving import AnswerFailed, ServingChatModel
from resources.llm.backends.langchain.their_model import LangChainBackend, open_langchain

__all__ = ["AnswerFailed", "LangChainBackend", "ServingChatModel", "open_langchain"]
