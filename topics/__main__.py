"""What a shell runs: `topics`, or `python -m topics`."""

from topics.cache.hidden import HIDDEN_DEPENDENCIES
from topics.cli import main

UNUSED_BERTOPIC_EXTRAS = (
    "cohere",
    "fastembed",
    "huggingface_hub",
    "langchain",
    "langchain_core",
    "litellm",
    "llama_cpp",
    "model2vec",
    "openai",
    "plotly",
    "sentence_transformers",
    "spacy",
    "torch",
    "transformers",
)
"""What BERTopic loads where it is installed, for language models, other encoders, figures and uploads. No
command of ours asks for these; in Python somebody may, so there nothing is left out.
"""


def command() -> None:
    """The command line in a process of its own. There BERTopic takes 4 s and 300 MB less to import."""
    HIDDEN_DEPENDENCIES["bertopic"] = UNUSED_BERTOPIC_EXTRAS
    main()


if __name__ == "__main__":
    command()
