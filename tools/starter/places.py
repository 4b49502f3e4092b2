"""Where things are in the window and on the command line: each answer, and what it answers, asked for in many ways.

The answers are those of resources/starter/about.jsonl, word for word: one short form for each place.
"""

from __future__ import annotations

import random

APPEARANCE = "Open Settings at the left edge and choose Appearance."
PICKER = "Use the model picker at the top of the chat."
ADD_FILE = "Use the model picker at the top of the chat and choose Add model file."
PANEL = "Open the side panel at the right."
CHATS = "It is in the list of chats at the left."

FOUND = {  # the place: what is looked for there
    APPEARANCE: (
        "the theme|dark mode|light mode|the dark theme|the font size|the text size|the language|the colours|"
        "high contrast|the look of the window|the appearance|night mode|the size of the letters|larger letters|"
        "a bigger font|larger text|darker colours"
    ),
    "Open Settings at the left edge and choose Shortcuts.": (
        "the shortcuts|the keyboard shortcuts|the hotkeys|the keys"
    ),
    "Open Settings at the left edge and choose Storage.": (
        "the folder of my chats|the folder of the models|the place of my files|the storage folder|the data folder"
    ),
    "Open Settings at the left edge and choose Performance.": (
        "the number of threads|the memory limit|the threads|the processor cores|the memory share"
    ),
    "Open Settings at the left edge and choose Privacy.": "the privacy options|the privacy page|privacy",
    "Open Settings at the left edge and choose Logs.": "the logs|the log files|the log of errors",
    "Open Settings at the left edge and choose Backups.": "the backups|my backup|the backup of my chats",
    "Open Settings at the left edge.": ("the settings|the options|the preferences|the settings page|the configuration"),
    PICKER: (
        "the model picker|the list of models|my models|the loaded model|the button to load a model|the other models"
    ),
    ADD_FILE: (
        "the button for adding a model|a larger model|a bigger model|a better model|the place for my GGUF file|"
        "the place for a downloaded file|the button to open a GGUF"
    ),
    PANEL: (
        "the temperature|the system prompt|top-k|top-p|min-p|the seed|the context length|max tokens|"
        "the sampling settings|the side panel|the longest reply|the temperature slider|the context size|"
        "the system message"
    ),
    "Use the New chat button at the top of the list of chats at the left.": (
        "the New chat button|a new chat|an empty chat"
    ),
    CHATS: (
        "my old chats|my last conversation|the chat of last week|my earlier chats|the list of chats|"
        "the chat history|the chat I had before|my conversations"
    ),
    "Use the search in the list of chats at the left.": "the search for chats|the search over all chats",
    "Press Ctrl+F to find text in this chat.": "the search in this chat|the find field",
    "Press Ctrl+K to open the command palette.": "the command palette|the palette|the list of commands",
    "Press Stop, the button where Send was, or Esc.": "the stop button|the button to stop",
    "Use Copy under the message.": "the copy button",
    "Use Edit under the message.": "the edit button",
    "Use Regenerate under the reply.": "the regenerate button|the button for another answer",
}
DONE = {  # the place: what is done there
    APPEARANCE: (
        "change the theme|switch to dark mode|make the window dark|make the text bigger|make the text smaller|"
        "change the font size|change the language|use high contrast|get a light window|change how it looks|"
        "zoom the text|choose another theme|turn on night mode|switch the language"
    ),
    "Open Settings at the left edge and choose Shortcuts.": (
        "change the shortcuts|see all shortcuts|set another key|switch off a shortcut|look up the keys"
    ),
    "Open Settings at the left edge and choose Storage.": (
        "move my chats to another disk|change where models are kept|see where my files are|"
        "store the models somewhere else|choose the folder for runs|keep my chats on my second disk|"
        "put the models on a larger disk|have all files on another drive|save my chats in another folder|"
        "move the folder of my runs|change the disk"
    ),
    "Open Settings at the left edge and choose Performance.": (
        "use fewer threads|use more threads|limit the memory|use less memory|set the number of cores"
    ),
    "Open Settings at the left edge and choose Privacy.": ("check my privacy|see what is private|change the privacy"),
    "Open Settings at the left edge and choose Logs.": "see the logs|read the log|open the log files",
    "Open Settings at the left edge and choose Backups.": (
        "make a backup|restore a backup|back up my chats|save all my chats"
    ),
    "Open Settings at the left edge.": (
        "open the settings|get to the options|change the preferences|find the settings"
    ),
    PICKER: (
        "choose a model|change the model|switch to another model|load a model|unload the model|pick a model|"
        "see which model is loaded|use a different model|select a model|free the memory of the model"
    ),
    ADD_FILE: (
        "add a model|add a model file|add a larger model|use a bigger model|import a GGUF file|open a gguf|"
        "get a larger model|add my own model file|install a better model|use a model I downloaded|"
        "put in a file I downloaded|use this GGUF file|bring in a GGUF of my own|open the model file I have"
    ),
    "Use the model picker at the top of the chat and choose Add model folder.": (
        "add a model folder|import a model folder|open a folder with a model"
    ),
    PANEL: (
        "change the temperature|set the temperature|write a system prompt|change the system prompt|set the seed|"
        "set top-k|set top-p|set min-p|change the context|set max tokens|limit the length of replies|"
        "make replies less random|make replies more creative|turn the temperature up|"
        "tell the model how to behave|open the side panel|"
        "set the context length|lower the temperature"
    ),
    "Use the New chat button at the top of the list of chats at the left.": (
        "start a new chat|begin a new chat|open a new chat|start over|begin a new conversation|create a chat"
    ),
    "Double click the chat in the list of chats at the left.": (
        "rename a chat|change the title of a chat|give a chat another name|rename this conversation"
    ),
    "Right click the chat in the list of chats at the left and choose Delete.": (
        "delete a chat|remove a chat|delete this conversation|erase an old chat"
    ),
    CHATS: (
        "see my old chats|open an earlier chat|go back to an old chat|find my last chat|read my old conversations|"
        "find the chat from yesterday|see what I wrote this week|get my old chat back"
    ),
    "Use the search in the list of chats at the left.": ("search my chats|search all chats|find an old chat by a word"),
    "Press Ctrl+F to find text in this chat.": (
        "find a word in this chat|search in this chat|search this conversation"
    ),
    "Press Ctrl+K to open the command palette.": ("open the command palette|run a command by name|see all commands"),
    "Press Stop, the button where Send was, or Esc.": (
        "stop a reply|stop the answer|interrupt the reply|cancel the reply|stop the model"
    ),
    "Use Copy under the message.": "copy a reply|copy an answer|copy a message|copy the text",
    "Use Edit under the message.": ("edit my message|change my question|correct my message|fix a typo in my message"),
    "Use Regenerate under the reply.": ("get another answer|try the reply again|regenerate a reply|get a new reply"),
    "Use the command line: seedling train.": (
        "train a model|train my own model|finetune a model|make my own model|teach a model my texts|grow a model|"
        "start a training"
    ),
    "Use the command line: seedling export.": "export a model|make a GGUF file|turn my model into a GGUF",
    "Use the command line: seedling models.": "list the models on the command line|list models in a terminal",
    "Use the command line: seedling doctor.": "check my installation|test whether all works",
    "Use the command line: seedling chat.": "chat in a terminal|chat on the command line",
}

BECAUSE = {  # the place: what people say before they ask how
    APPEARANCE: "The text is too small|My eyes hurt|It is too bright here|The letters are tiny|I cannot see well",
    "Open Settings at the left edge and choose Storage.": (
        "My disk is full|I have a second disk|There is no room left|I bought a larger drive"
    ),
    "Open Settings at the left edge and choose Backups.": "I do not want to lose my chats|I am careful",
    ADD_FILE: "I have a GGUF file|I got a file from a friend|There is a model on my disk|I found a better model",
    PANEL: "The replies are too wild|The replies are boring|I want to try something",
    CHATS: "We talked yesterday|I closed the window|I had a long chat before|My chat is gone",
    "Use the New chat button at the top of the list of chats at the left.": (
        "We are done here|This is about other things"
    ),
    "Press Stop, the button where Send was, or Esc.": (
        "It writes and writes|The reply is too long|It does not end|That is enough"
    ),
    "Use Regenerate under the reply.": "This reply is bad|I do not like the answer|That was wrong",
}
BECAUSE_EACH = 4

PLURAL = "Where are {0}?"
WHERE = (
    "Where is {0}?",
    "Where do I find {0}?",
    "where can i find {0}",
    PLURAL,
    "I am looking for {0}.",
    "How do I find {0}?",
    "Show me {0}",
    "Which page has {0}?",
    "I cannot find {0}.",
    "Tell me where {0} can be found.",
    "where did you hide {0}",
    "How do I get to {0}?",
    "Excuse me, where is {0}?",
    "Do you know where to find {0}?",
    "{0}, where?",
)
HOW = (
    "How do I {0}?",
    "How can I {0}?",
    "how to {0}",
    "Where do I {0}?",
    "Where can I {0}?",
    "I want to {0}.",
    "I would like to {0}, please",
    "Can I {0}?",
    "Is there a way to {0}?",
    "What do I do to {0}?",
    "Please tell me how to {0}.",
    "Help me {0}",
    "{0}?",
    "What is the way to {0}?",
    "I need to {0}, how?",
    "Could you tell me how I can {0}?",
    "I want to {0}, where is that?",
    "Where do I go to {0}?",
    "I wish to {0}, where must I look?",
    "Which page is there to {0}?",
)
SHAPES_EACH = 9


def places(choose: random.Random) -> list[tuple[str, str]]:
    """Every thing and every action, asked for in SHAPES_EACH ways."""
    found = []
    for shapes, table in ((WHERE, FOUND), (HOW, DONE)):
        for answer, topics in table.items():
            for topic in topics.split("|"):
                for shape in choose.sample(shapes, SHAPES_EACH):
                    if shape != "Where are {0}?" or topic.endswith("s"):
                        found.append(
                            (_capital(shape.format(topic)) if shape[0] == "{" else shape.format(topic), answer)
                        )
    return found + _with_reasons(choose)


def _with_reasons(choose: random.Random) -> list[tuple[str, str]]:
    """What is done there, asked for after the reason to."""
    found = []
    for answer, reasons in BECAUSE.items():
        for topic in DONE[answer].split("|"):
            for shape in choose.sample([shape for shape in HOW if shape[0] != "{"], BECAUSE_EACH):
                reason, asked = choose.choice(reasons.split("|")), shape.format(topic)
                asked = asked if asked.startswith("I ") else asked[0].lower() + asked[1:]
                found.append((f"{reason}{choose.choice((',', ',', ' and', '. So'))} {asked}", answer))
    return found


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
