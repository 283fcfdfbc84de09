def answer():
    return "hello"
