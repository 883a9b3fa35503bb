"""The Python interface: `fit` finds topics, `load` opens a run, both give a `Fitted`; `TopicModel` is an
estimator for scikit-learn.

Nothing is decided here: `fit` is `topics run`, `Fitted.predict` is `topics label` and so on, with frames for
files and objects that show themselves in a notebook for what a command prints.
"""
