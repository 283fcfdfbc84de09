import yaml


def settings():
    with open("settings.yaml") as file:
        return yaml.safe_load(file)
