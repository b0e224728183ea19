"""One logger and one set of metrics per process, which Powertools configures from the environment."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
