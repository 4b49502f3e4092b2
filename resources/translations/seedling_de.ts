<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Seedling</source>
        <translation>Über Seedling</translation>
    </message>
    <message>
        <source>Seedling</source>
        <translation>Seedling</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <source>llama.cpp here</source>
        <translation>llama.cpp hier</translation>
    </message>
    <message>
        <source>Chat with a language model, grow one, finetune it, look inside it, ship it: on your own computer.</source>
        <translation>Chatte mit einem Sprachmodell, zieh eines heran, pass es an, sieh hinein, gib es weiter: auf deinem eigenen Computer.</translation>
    </message>
    <message>
        <source>Apache License 2.0. The licences of all it is made of stand under Licences.</source>
        <translation>Apache License 2.0. Die Lizenzen aller Bestandteile stehen unter „Lizenzen“.</translation>
    </message>
    <message>
        <source>Made of</source>
        <translation>Bestandteile</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>The program</source>
        <translation>Das Programm</translation>
    </message>
    <message>
        <source>What was installed.</source>
        <translation>Was installiert wurde.</translation>
    </message>
    <message>
        <source>What is yours</source>
        <translation>Was dir gehört</translation>
    </message>
    <message>
        <source>Chats, models, runs and settings, where you moved none of them.</source>
        <translation>Chats, Modelle, Trainings und Einstellungen, soweit du nichts davon verschoben hast.</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokolle</translation>
    </message>
    <message>
        <source>Without a word of what you or a model wrote.</source>
        <translation>Ohne ein Wort von dir oder einem Modell.</translation>
    </message>
</context>
<context>
    <name>ActionRow</name>
    <message>
        <source>Change…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <source>Switch off</source>
        <translation>Abschalten</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>“{keys}” cannot be the shortcut of “{action}”.</source>
        <translation>„{keys}“ kann nicht das Tastenkürzel von „{action}“ sein.</translation>
    </message>
    <message>
        <source>{keys} cannot be the shortcut of both “{action}” and “{other}”.</source>
        <translation>{keys} kann nicht das Tastenkürzel von „{action}“ und „{other}“ zugleich sein.</translation>
    </message>
</context>
<context>
    <name>AdapterLine</name>
    <message>
        <source>Strength of {name}</source>
        <translation>Stärke von {name}</translation>
    </message>
    <message>
        <source>Detach {name}</source>
        <translation>{name} abnehmen</translation>
    </message>
</context>
<context>
    <name>BackupList</name>
    <message>
        <source>Backups</source>
        <translation>Sicherungen</translation>
    </message>
    <message>
        <source>Whole copies of all chats. Putting one back keeps the present chats in a file beside it.</source>
        <translation>Ganze Kopien aller Chats. Wird eine zurückgespielt, bleiben die jetzigen Chats in einer Datei daneben erhalten.</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>Jetzt sichern</translation>
    </message>
    <message>
        <source>Put back…</source>
        <translation>Zurückspielen…</translation>
    </message>
    <message>
        <source>Put the chosen backup back</source>
        <translation>Die gewählte Sicherung zurückspielen</translation>
    </message>
    <message>
        <source>Do not put it back</source>
        <translation>Nicht zurückspielen</translation>
    </message>
    <message>
        <source>is put back when Seedling starts next</source>
        <translation>wird beim nächsten Start von Seedling zurückgespielt</translation>
    </message>
</context>
<context>
    <name>Beside</name>
    <message>
        <source>Getting ready…</source>
        <translation>Wird vorbereitet…</translation>
    </message>
    <message>
        <source>There is not enough memory for both at once, so they answer one after another.</source>
        <translation>Der Speicher reicht nicht für beide zugleich, darum antworten sie nacheinander.</translation>
    </message>
    <message>
        <source>loading, {percent} %</source>
        <translation>lädt, {percent} %</translation>
    </message>
    <message>
        <source>{size} of memory</source>
        <translation>{size} Speicher</translation>
    </message>
</context>
<context>
    <name>BesideView</name>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>Start over</source>
        <translation>Neu beginnen</translation>
    </message>
    <message>
        <source>Always the likeliest word</source>
        <translation>Immer das wahrscheinlichste Wort</translation>
    </message>
    <message>
        <source>Nothing is left to chance, so what differs comes of the models alone.</source>
        <translation>Nichts bleibt dem Zufall überlassen; was sich unterscheidet, kommt allein von den Modellen.</translation>
    </message>
    <message>
        <source>Both get the same words and settings.</source>
        <translation>Beide bekommen dieselben Worte und Einstellungen.</translation>
    </message>
    <message>
        <source>Both get the same words, settings and seed.</source>
        <translation>Beide bekommen dieselben Worte und Einstellungen, auch denselben Startwert.</translation>
    </message>
    <message>
        <source>Both get the same words, settings and seed ({seed}).</source>
        <translation>Beide bekommen dieselben Worte und Einstellungen, auch denselben Startwert ({seed}).</translation>
    </message>
    <message>
        <source>{same} Nothing is saved unless you keep it.</source>
        <translation>{same} Gespeichert wird nichts, außer du behältst es.</translation>
    </message>
</context>
<context>
    <name>CardView</name>
    <message>
        <source>Card</source>
        <translation>Karte</translation>
    </message>
</context>
<context>
    <name>ChatController</name>
    <message>
        <source>Delete chat</source>
        <translation>Chat löschen</translation>
    </message>
    <message>
        <source>Delete “{title}”?</source>
        <translation>„{title}“ löschen?</translation>
    </message>
    <message>
        <source>Its messages cannot be brought back.</source>
        <translation>Seine Nachrichten lassen sich nicht zurückholen.</translation>
    </message>
    <message>
        <source>Delete this message?</source>
        <translation>Diese Nachricht löschen?</translation>
    </message>
    <message>
        <source>Delete this version?</source>
        <translation>Diese Fassung löschen?</translation>
    </message>
    <message>
        <source>It goes with all that follows it, and cannot be brought back.</source>
        <translation>Mit ihr geht alles, was darauf folgt; es lässt sich nicht zurückholen.</translation>
    </message>
    <message>
        <source>Delete message</source>
        <translation>Nachricht löschen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>ChatListModel</name>
    <message>
        <source>{title}, replying</source>
        <translation>{title}, antwortet</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Gestern</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <translation>Letzte 7 Tage</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>Älter</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Back to the chat</source>
        <translation>Zurück zum Chat</translation>
    </message>
    <message>
        <source>Show or hide the chats</source>
        <translation>Chats ein- oder ausblenden</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Find in this chat</source>
        <translation>In diesem Chat suchen</translation>
    </message>
    <message>
        <source>Show or hide the side panel</source>
        <translation>Seitenleiste ein- oder ausblenden</translation>
    </message>
</context>
<context>
    <name>Checkpoints</name>
    <message>
        <source>Talk to both</source>
        <translation>Mit beiden reden</translation>
    </message>
    <message>
        <source>Ask two checkpoints the same, side by side.</source>
        <translation>Zwei Checkpoints nebeneinander dasselbe fragen.</translation>
    </message>
    <message>
        <source>Two are chosen.</source>
        <translation>Zwei sind gewählt.</translation>
    </message>
    <message>
        <source>Choose two to talk to both at once.</source>
        <translation>Wähle zwei, um mit beiden zugleich zu reden.</translation>
    </message>
    <message>
        <source>Before the first step</source>
        <translation>Vor dem ersten Schritt</translation>
    </message>
    <message>
        <source>Step {step}</source>
        <translation>Schritt {step}</translation>
    </message>
    <message>
        <source>held out {loss}</source>
        <translation>zurückgehalten: {loss}</translation>
    </message>
    <message>
        <source>best</source>
        <translation>bester</translation>
    </message>
</context>
<context>
    <name>ChooseModelDialog</name>
    <message>
        <source>Look for a model</source>
        <translation>Modell suchen</translation>
    </message>
    <message>
        <source>There is no model for this yet.</source>
        <translation>Dafür gibt es noch kein Modell.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>ClassifyDialog</name>
    <message>
        <source>Label texts with “{name}”</source>
        <translation>Texte mit „{name}“ einordnen</translation>
    </message>
    <message>
        <source>Write or paste a text</source>
        <translation>Text schreiben oder einfügen</translation>
    </message>
    <message>
        <source>The text to label</source>
        <translation>Der Text zum Einordnen</translation>
    </message>
    <message>
        <source>Label it</source>
        <translation>Einordnen</translation>
    </message>
    <message>
        <source>Label a file…</source>
        <translation>Datei einordnen…</translation>
    </message>
</context>
<context>
    <name>Classifying</name>
    <message>
        <source>Tables and texts (*.csv *.tsv *.jsonl *.json *.parquet *.txt);;All files (*)</source>
        <translation>Tabellen und Texte (*.csv *.tsv *.jsonl *.json *.parquet *.txt);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>A file of texts to label</source>
        <translation>Datei mit Texten zum Einordnen</translation>
    </message>
    <message>
        <source>Where the labels are written</source>
        <translation>Wohin die Labels geschrieben werden</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>{count} texts are labelled</source>
        <translation>{count} Texte sind eingeordnet</translation>
    </message>
    <message>
        <source>{count} texts are labelled: {place}</source>
        <translation>{count} Texte sind eingeordnet: {place}</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Keep as a chat</source>
        <translation>Als Chat behalten</translation>
    </message>
    <message>
        <source>What {name} answers</source>
        <translation>Was {name} antwortet</translation>
    </message>
    <message>
        <source>Keep as a chat: {name}</source>
        <translation>Als Chat behalten: {name}</translation>
    </message>
</context>
<context>
    <name>ColumnMapping</name>
    <message>
        <source>Read it so</source>
        <translation>So lesen</translation>
    </message>
    <message>
        <source>Let Seedling tell</source>
        <translation>Automatisch erkennen</translation>
    </message>
    <message>
        <source>The rows are</source>
        <translation>Die Zeilen sind</translation>
    </message>
    <message>
        <source>no column</source>
        <translation>keine Spalte</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Type what to do, or a chat or model</source>
        <translation>Was tun? Auch ein Chat oder ein Modell</translation>
    </message>
    <message>
        <source>Find anything to do</source>
        <translation>Alles finden, was sich tun lässt</translation>
    </message>
    <message>
        <source>What there is</source>
        <translation>Was es gibt</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Comparing runs</source>
        <translation>Läufe im Vergleich</translation>
    </message>
    <message>
        <source>Done comparing</source>
        <translation>Vergleich beenden</translation>
    </message>
    <message>
        <source>Scores</source>
        <translation>Ergebnisse</translation>
    </message>
    <message>
        <source>What differs in the recipes</source>
        <translation>Worin sich die Rezepte unterscheiden</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>Nachricht schreiben</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Hält an…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>{count} characters  ×</source>
        <translation>{count} Zeichen  ×</translation>
    </message>
    <message>
        <source>Remove the pasted text</source>
        <translation>Den eingefügten Text entfernen</translation>
    </message>
</context>
<context>
    <name>ConfusionTable</name>
    <message>
        <source>What each label was taken for</source>
        <translation>Wofür jedes Label gehalten wurde</translation>
    </message>
    <message>
        <source>Held-out texts at step {step}. Rows: what they are. Columns: what they were taken for.</source>
        <translation>Zurückgehaltene Texte bei Schritt {step}. Zeilen: was sie sind. Spalten: wofür sie gehalten wurden.</translation>
    </message>
    <message>
        <source>{count} rarer labels are not shown.</source>
        <translation>{count} seltenere Labels werden nicht gezeigt.</translation>
    </message>
</context>
<context>
    <name>ConnectDialog</name>
    <message>
        <source>Connect a server or an API</source>
        <translation>Server oder API verbinden</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>made from its kind</source>
        <translation>ergibt sich aus der Art</translation>
    </message>
    <message>
        <source>Found out by asking it</source>
        <translation>Beim Verbinden erkennen</translation>
    </message>
    <message>
        <source>Keep the key in the system&apos;s keyring</source>
        <translation>Schlüssel im Schlüsselbund des Systems aufbewahren</translation>
    </message>
    <message>
        <source>Nothing is asked before you press Connect.</source>
        <translation>Gefragt wird erst, wenn du „Verbinden“ drückst.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Key, if it wants one</source>
        <translation>Schlüssel, falls verlangt</translation>
    </message>
    <message>
        <source>Otherwise it is forgotten when Seedling ends. It is sent to this address alone.</source>
        <translation>Sonst ist er vergessen, sobald Seedling endet. Gesendet wird er nur an diese Adresse.</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Something went wrong</source>
        <translation>Etwas ist schiefgegangen</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>This is a mistake in Seedling, not yours. Your chats are kept. The report below helps to mend it; look through it before you pass it on. The log is in {folder}.</source>
        <translation>Das ist ein Fehler in Seedling, nicht deiner. Deine Chats sind erhalten. Der Bericht unten hilft, ihn zu beheben; sieh ihn durch, bevor du ihn weitergibst. Das Protokoll liegt in {folder}.</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>Problem melden…</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>Problem melden</translation>
    </message>
</context>
<context>
    <name>Curves</name>
    <message>
        <source>There are no figures yet.</source>
        <translation>Es gibt noch keine Zahlen.</translation>
    </message>
    <message>
        <source>The curves cannot be drawn: pyqtgraph is missing or broken.</source>
        <translation>Die Kurven lassen sich nicht zeichnen: pyqtgraph fehlt oder ist beschädigt.</translation>
    </message>
    <message>
        <source>{run}: {line}</source>
        <translation>{run}: {line}</translation>
    </message>
    <message>
        <source>Step {step}</source>
        <translation>Schritt {step}</translation>
    </message>
    <message>
        <source>{line}: {first} at step {start}, {last} at step {end}; lowest {low} at step {low_step}, highest {high} at step {high_step}.</source>
        <translation>{line}: {first} bei Schritt {start}, {last} bei Schritt {end}; am niedrigsten {low} bei Schritt {low_step}, am höchsten {high} bei Schritt {high_step}.</translation>
    </message>
    <message>
        <source>Curve: {quantity}</source>
        <translation>Kurve: {quantity}</translation>
    </message>
    <message>
        <source>Not smoothed</source>
        <translation>Nicht geglättet</translation>
    </message>
    <message>
        <source>Smoothed</source>
        <translation>Geglättet</translation>
    </message>
    <message>
        <source>Smoothed more</source>
        <translation>Stärker geglättet</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <source>Log scale</source>
        <translation>Logarithmisch</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Show all steps</source>
        <translation>Alle Schritte zeigen</translation>
    </message>
    <message>
        <source>The first figures come after a few steps.</source>
        <translation>Die ersten Zahlen kommen nach einigen Schritten.</translation>
    </message>
</context>
<context>
    <name>DatasetCard</name>
    <message>
        <source>Read it differently…</source>
        <translation>Anders lesen…</translation>
    </message>
    <message>
        <source>Choose another file…</source>
        <translation>Andere Datei wählen…</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>Weggelassen</translation>
    </message>
    <message>
        <source>Repeated</source>
        <translation>Doppelt</translation>
    </message>
    <message>
        <source>Languages</source>
        <translation>Sprachen</translation>
    </message>
    <message>
        <source>Lengths</source>
        <translation>Längen</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Looking at the data: {count} rows</source>
        <translation>Die Daten werden angesehen: {count} Zeilen</translation>
    </message>
    <message>
        <source>Looking at the data</source>
        <translation>Die Daten werden angesehen</translation>
    </message>
    <message>
        <source>What is this?</source>
        <translation>Was ist das?</translation>
    </message>
    <message>
        <source>{format}: {reason}.</source>
        <translation>{format}: {reason}.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Counted on {count} rows, drawn evenly.</source>
        <translation>Gezählt an {count} gleichmäßig gezogenen Zeilen.</translation>
    </message>
    <message>
        <source>{share} of the rows are longer than the model sees at once; their ends are left out.</source>
        <translation>{share} der Zeilen sind länger, als das Modell auf einmal sieht; ihr Ende bleibt weg.</translation>
    </message>
    <message>
        <source>This cannot be learnt from</source>
        <translation>Daraus lässt sich nicht lernen</translation>
    </message>
    <message>
        <source>Rows that were left out</source>
        <translation>Weggelassene Zeilen</translation>
    </message>
</context>
<context>
    <name>DeleteDialog</name>
    <message>
        <source>Delete all chats</source>
        <translation>Alle Chats löschen</translation>
    </message>
    <message>
        <source>delete</source>
        <translation>löschen</translation>
    </message>
    <message>
        <source>All chats are deleted and cannot be brought back. To go on, write “{word}”.</source>
        <translation>Alle Chats werden gelöscht und lassen sich nicht zurückholen. Schreib „{word}“, um fortzufahren.</translation>
    </message>
    <message>
        <source>Write the word to go on</source>
        <translation>Schreib das Wort, um fortzufahren</translation>
    </message>
    <message>
        <source>Delete the backups as well</source>
        <translation>Auch die Sicherungen löschen</translation>
    </message>
    <message>
        <source>Files that Seedling set aside beside the chats stay; delete them yourself.</source>
        <translation>Dateien, die Seedling neben den Chats beiseitegelegt hat, bleiben; lösche sie selbst.</translation>
    </message>
</context>
<context>
    <name>Deleting</name>
    <message>
        <source>It is training now. Stop it first.</source>
        <translation>Das Training läuft gerade. Halte es erst an.</translation>
    </message>
    <message>
        <source>Delete a training</source>
        <translation>Training löschen</translation>
    </message>
    <message>
        <source>Move “{name}” to the trash, with its model?</source>
        <translation>„{name}“ samt Modell in den Papierkorb legen?</translation>
    </message>
    <message>
        <source>Others were made from its model: {names}.</source>
        <translation>Aus dem Modell sind andere entstanden: {names}.</translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>In den Papierkorb legen</translation>
    </message>
</context>
<context>
    <name>Dial</name>
    <message>
        <source>By time</source>
        <translation>Nach Zeit</translation>
    </message>
    <message>
        <source>The model that gets most out of the time there is.</source>
        <translation>Das Modell, das aus der Zeit am meisten herausholt.</translation>
    </message>
    <message>
        <source>By size</source>
        <translation>Nach Größe</translation>
    </message>
    <message>
        <source>Trained as long as a model of this size is worth.</source>
        <translation>So lange trainiert, wie es sich bei einem Modell dieser Größe lohnt.</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source> million</source>
        <translation> Mio.</translation>
    </message>
    <message>
        <source>How long it may take</source>
        <translation>Wie lange es dauern darf</translation>
    </message>
    <message>
        <source>How large it becomes</source>
        <translation>Wie groß es wird</translation>
    </message>
    <message>
        <source>parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>makes about {count} parameters</source>
        <translation>ergibt etwa {count} Parameter</translation>
    </message>
</context>
<context>
    <name>DiscoverController</name>
    <message>
        <source>Datasets from the hub</source>
        <translation>Datensätze vom Hub</translation>
    </message>
    <message>
        <source>Say what it should be about, and press Enter.</source>
        <translation>Schreib, worum es gehen soll, und drück Enter.</translation>
    </message>
    <message>
        <source>Press Enter to look through the whole hub as well.</source>
        <translation>Mit Enter wird auch der ganze Hub durchsucht.</translation>
    </message>
    <message>
        <source>Among what we recommend</source>
        <translation>Unter unseren Empfehlungen</translation>
    </message>
    <message>
        <source>Not among what we recommend</source>
        <translation>Nicht unter unseren Empfehlungen</translation>
    </message>
    <message>
        <source>Good models for this computer</source>
        <translation>Gute Modelle für diesen Computer</translation>
    </message>
    <message>
        <source>Openly licensed. The first are quick enough to read along on it.</source>
        <translation>Offen lizenziert. Die ersten sind hier schnell genug zum Mitlesen.</translation>
    </message>
    <message>
        <source>On the hub</source>
        <translation>Auf dem Hub</translation>
    </message>
    <message>
        <source>The hub has nothing like that</source>
        <translation>Auf dem Hub gibt es nichts dergleichen</translation>
    </message>
    <message>
        <source>Try fewer or other words.</source>
        <translation>Versuch es mit weniger oder anderen Wörtern.</translation>
    </message>
</context>
<context>
    <name>DiscoverView</name>
    <message>
        <source>Look for a model</source>
        <translation>Modell suchen</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Datasets</source>
        <translation>Datensätze</translation>
    </message>
    <message>
        <source>Only what fits</source>
        <translation>Nur was passt</translation>
    </message>
    <message>
        <source>Asking the hub</source>
        <translation>Der Hub wird gefragt</translation>
    </message>
    <message>
        <source>Show the switch</source>
        <translation>Schalter zeigen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>Mehr zeigen</translation>
    </message>
    <message>
        <source>“Nothing leaves this computer” is on: the hub is not asked, and nothing is fetched.</source>
        <translation>„Nichts verlässt diesen Computer“ ist an: Der Hub wird nicht gefragt, und nichts wird geholt.</translation>
    </message>
    <message>
        <source>Look for a dataset</source>
        <translation>Datensatz suchen</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Any licence</source>
        <translation>Jede Lizenz</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Any size</source>
        <translation>Jede Größe</translation>
    </message>
    <message>
        <source>Up to {count}B</source>
        <translation>Bis zu {count}B</translation>
    </message>
    <message>
        <source>Sorted by</source>
        <translation>Sortierung</translation>
    </message>
    <message>
        <source>Most downloaded</source>
        <translation>Meiste Downloads</translation>
    </message>
    <message>
        <source>Most liked</source>
        <translation>Beliebteste</translation>
    </message>
    <message>
        <source>Newest</source>
        <translation>Neueste</translation>
    </message>
    <message>
        <source>Back to what was found</source>
        <translation>Zurück zu den Treffern</translation>
    </message>
</context>
<context>
    <name>DownloadRow</name>
    <message>
        <source>Pause</source>
        <translation>Pausieren</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Chat with it</source>
        <translation>Damit chatten</translation>
    </message>
    <message>
        <source>Take it off the list</source>
        <translation>Aus der Liste nehmen</translation>
    </message>
    <message>
        <source>Progress of {name}</source>
        <translation>Fortschritt von {name}</translation>
    </message>
    <message>
        <source>Train on it</source>
        <translation>Damit trainieren</translation>
    </message>
    <message>
        <source>Take {name} off the list</source>
        <translation>{name} aus der Liste nehmen</translation>
    </message>
    <message>
        <source>waits for its turn</source>
        <translation>in der Warteschlange</translation>
    </message>
    <message>
        <source>waiting, nothing has come for some seconds</source>
        <translation>wartet, seit einigen Sekunden kommt nichts</translation>
    </message>
    <message>
        <source>asking the hub</source>
        <translation>der Hub wird gefragt</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>downloaded and verified</source>
        <translation>heruntergeladen und geprüft</translation>
    </message>
</context>
<context>
    <name>DropZone</name>
    <message>
        <source>Drop a file, grow a model</source>
        <translation>Datei hereinziehen, Modell heranziehen</translation>
    </message>
    <message>
        <source>Conversations, texts, labels or preferences: drop a file or folder anywhere on this window, and Seedling says what it is and what can be learnt from it.</source>
        <translation>Gespräche, Texte, Labels oder Präferenzen: Zieh eine Datei oder einen Ordner irgendwo in dieses Fenster, und Seedling sagt, was es ist und was sich daraus lernen lässt.</translation>
    </message>
    <message>
        <source>JSON, JSON lines, CSV, TSV, Parquet, text and Markdown</source>
        <translation>JSON, JSON Lines, CSV, TSV, Parquet, Text und Markdown</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>Datei wählen…</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen…</translation>
    </message>
</context>
<context>
    <name>EditBanner</name>
    <message>
        <source>Cancel editing</source>
        <translation>Bearbeiten abbrechen</translation>
    </message>
    <message>
        <source>Editing an earlier message — Esc to cancel</source>
        <translation>Du bearbeitest eine frühere Nachricht — Esc bricht ab</translation>
    </message>
</context>
<context>
    <name>EngineClient</name>
    <message>
        <source>it sent a line that is too long</source>
        <translation>es hat eine zu lange Zeile gesendet</translation>
    </message>
    <message>
        <source>it sent more than can be shown</source>
        <translation>es hat mehr gesendet, als sich zeigen lässt</translation>
    </message>
    <message>
        <source>it sent something that is not an event</source>
        <translation>es hat etwas gesendet, das kein Ereignis ist</translation>
    </message>
    <message>
        <source>there was not enough memory</source>
        <translation>der Speicher hat nicht gereicht</translation>
    </message>
    <message>
        <source>it stopped responding</source>
        <translation>es hat nicht mehr reagiert</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Write “{name}” as GGUF</source>
        <translation>„{name}“ als GGUF schreiben</translation>
    </message>
    <message>
        <source>8 bits</source>
        <translation>8 Bits</translation>
    </message>
    <message>
        <source>As good as the whole in nearly everything. The usual choice.</source>
        <translation>Fast in allem so gut wie das volle Modell. Die übliche Wahl.</translation>
    </message>
    <message>
        <source>4 bits</source>
        <translation>4 Bits</translation>
    </message>
    <message>
        <source>Half of that again; large models bear it well, small ones less.</source>
        <translation>Davon die Hälfte; große Modelle vertragen das gut, kleine weniger.</translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation>16 Bits</translation>
    </message>
    <message>
        <source>The whole model, to be made smaller elsewhere.</source>
        <translation>Das volle Modell, um es anderswo zu verkleinern.</translation>
    </message>
    <message>
        <source>Measure on what it learnt from</source>
        <translation>An den Trainingsdaten messen</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Worse: how much more its words surprise it than in 16 bits.</source>
        <translation>Schlechter: um wie viel mehr der Text das Modell überrascht als mit 16 Bits.</translation>
    </message>
    <message>
        <source>Write…</source>
        <translation>Schreiben…</translation>
    </message>
    <message>
        <source>{size}, {worse} % worse</source>
        <translation>{size}, {worse} % schlechter</translation>
    </message>
</context>
<context>
    <name>Exports</name>
    <message>
        <source>Something is being written. Try again when it is done.</source>
        <translation>Es wird gerade etwas geschrieben. Versuch es danach noch einmal.</translation>
    </message>
    <message>
        <source>Write a GGUF file</source>
        <translation>GGUF-Datei schreiben</translation>
    </message>
    <message>
        <source>GGUF (*.gguf)</source>
        <translation>GGUF (*.gguf)</translation>
    </message>
    <message>
        <source>Choose the llamafile program that shall run the model</source>
        <translation>Wähle das llamafile-Programm, in dem das Modell laufen soll</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Write a llamafile</source>
        <translation>llamafile schreiben</translation>
    </message>
    <message>
        <source>A folder to write “{name}” into</source>
        <translation>Ordner für „{name}“ wählen</translation>
    </message>
    <message>
        <source>Writing {place}</source>
        <translation>{place} wird geschrieben</translation>
    </message>
    <message>
        <source>Writing: {what}</source>
        <translation>Export: {what}</translation>
    </message>
    <message>
        <source>It is written: {place}{size}</source>
        <translation>Geschrieben: {place}{size}</translation>
    </message>
</context>
<context>
    <name>FamilyTree</name>
    <message>
        <source>Family tree</source>
        <translation>Stammbaum</translation>
    </message>
    <message>
        <source>Models will stand here under what they came from.</source>
        <translation>Hier stehen Modelle unter dem, woraus sie entstanden sind.</translation>
    </message>
    <message>
        <source>Show its training</source>
        <translation>Training zeigen</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Made by</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Learnt from</source>
        <translation>Gelernt aus</translation>
    </message>
    <message>
        <source>Held-out loss</source>
        <translation>Loss, zurückgehalten</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>{name}: {facts}</source>
        <translation>{name}: {facts}</translation>
    </message>
    <message>
        <source>{model}, not on this computer</source>
        <translation>{model}, nicht auf diesem Computer</translation>
    </message>
    <message>
        <source>From it came: {names}.</source>
        <translation>Daraus entstanden: {names}.</translation>
    </message>
    <message>
        <source>It cannot be opened without {names}.</source>
        <translation>Ohne {names} lässt es sich nicht öffnen.</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find in this chat</source>
        <translation>In diesem Chat suchen</translation>
    </message>
    <message>
        <source>Find previous</source>
        <translation>Vorige Stelle</translation>
    </message>
    <message>
        <source>Find next</source>
        <translation>Nächste Stelle</translation>
    </message>
    <message>
        <source>Close the find bar</source>
        <translation>Suchleiste schließen</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>Nicht gefunden</translation>
    </message>
</context>
<context>
    <name>Finding</name>
    <message>
        <source>Look for models in a folder</source>
        <translation>In einem Ordner nach Modellen suchen</translation>
    </message>
</context>
<context>
    <name>FirstSteps</name>
    <message>
        <source>Make yourself at home</source>
        <translation>Richte dich ein</translation>
    </message>
    <message>
        <source>Put this away</source>
        <translation>Weglegen</translation>
    </message>
    <message>
        <source>Use them</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>Look at them</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>Look for servers</source>
        <translation>Nach Servern suchen</translation>
    </message>
    <message>
        <source>Connect…</source>
        <translation>Verbinden…</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Show downloads</source>
        <translation>Downloads zeigen</translation>
    </message>
    <message>
        <source>Chat with it</source>
        <translation>Damit chatten</translation>
    </message>
    <message>
        <source>How far the download is</source>
        <translation>Wie weit der Download ist</translation>
    </message>
    <message>
        <source>It changes when Seedling starts next.</source>
        <translation>Sie ändert sich beim nächsten Start von Seedling.</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Aussehen</translation>
    </message>
</context>
<context>
    <name>FirstStepsController</name>
    <message>
        <source>Looking for models of other programs…</source>
        <translation>Modelle anderer Programme werden gesucht…</translation>
    </message>
    <message>
        <source>Models of other programs</source>
        <translation>Modelle anderer Programme</translation>
    </message>
    <message>
        <source>No models of other programs are here</source>
        <translation>Hier sind keine Modelle anderer Programme</translation>
    </message>
    <message>
        <source>A model of {programs} is here</source>
        <translation>Hier ist ein Modell von {programs}</translation>
    </message>
    <message>
        <source>{count} models of {programs} are here</source>
        <translation>Hier sind {count} Modelle von {programs}</translation>
    </message>
    <message>
        <source>They are used where they lie, and nothing of another program is changed.</source>
        <translation>Sie werden dort verwendet, wo sie liegen; an den anderen Programmen ändert sich nichts.</translation>
    </message>
    <message>
        <source>1 model is on the list</source>
        <translation>1 Modell steht auf der Liste</translation>
    </message>
    <message>
        <source>{count} models are on the list</source>
        <translation>{count} Modelle stehen auf der Liste</translation>
    </message>
    <message>
        <source>Choose who answers above this chat.</source>
        <translation>Wähle über diesem Chat, wer antwortet.</translation>
    </message>
    <message>
        <source>Ollama, LM Studio, Jan, GPT4All, llama.cpp and the Hugging Face cache keep theirs in known places.</source>
        <translation>Ollama, LM Studio, Jan, GPT4All, llama.cpp und der Hugging-Face-Cache haben ihre an bekannten Orten.</translation>
    </message>
    <message>
        <source>Only this computer&apos;s own ports are asked, and only when you press.</source>
        <translation>Nur Ports dieses Computers werden gefragt, und nur auf Knopfdruck.</translation>
    </message>
    <message>
        <source>A server answers here: {names}</source>
        <translation>Hier antwortet ein Server: {names}</translation>
    </message>
    <message>
        <source>{count} servers answer here: {names}</source>
        <translation>Hier antworten {count} Server: {names}</translation>
    </message>
    <message>
        <source>Its models can answer in Seedling, too, once you have connected it.</source>
        <translation>Auch dessen Modelle können in Seedling antworten, sobald du verbunden bist.</translation>
    </message>
    <message>
        <source>Servers on this computer</source>
        <translation>Server auf diesem Computer</translation>
    </message>
    <message>
        <source>No server answers here now</source>
        <translation>Hier antwortet jetzt kein Server</translation>
    </message>
    <message>
        <source>About {size}, {licence}.</source>
        <translation>Etwa {size}, {licence}.</translation>
    </message>
    <message>
        <source>“Nothing leaves this computer” is on, so nothing is fetched.</source>
        <translation>„Nichts verlässt diesen Computer“ ist an, darum wird nichts geholt.</translation>
    </message>
    <message>
        <source>It comes from the Hugging Face Hub; this alone needs the network.</source>
        <translation>Es kommt vom Hugging Face Hub; nur das braucht das Netz.</translation>
    </message>
    <message>
        <source>{model} suits this computer</source>
        <translation>{model} passt zu diesem Computer</translation>
    </message>
    <message>
        <source>{model} is here</source>
        <translation>{model} ist da</translation>
    </message>
    <message>
        <source>The download was stopped; it goes on where it was.</source>
        <translation>Der Download wurde angehalten; er geht dort weiter, wo er war.</translation>
    </message>
    <message>
        <source>{model} is on its way</source>
        <translation>{model} ist unterwegs</translation>
    </message>
</context>
<context>
    <name>FolderRow</name>
    <message>
        <source>Change…</source>
        <translation>Ändern…</translation>
    </message>
    <message>
        <source>Change the folder: {name}</source>
        <translation>Ordner ändern: {name}</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Back to the usual place: {name}</source>
        <translation>Zurück an den üblichen Ort: {name}</translation>
    </message>
    <message>
        <source>Moving: {name}</source>
        <translation>Zieht um: {name}</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stop moving: {name}</source>
        <translation>Umzug anhalten: {name}</translation>
    </message>
</context>
<context>
    <name>Follows</name>
    <message>
        <source>Depth</source>
        <translation>Tiefe</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Breite</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>Vokabular</translation>
    </message>
    <message>
        <source>Reads</source>
        <translation>Liest</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Batch</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>A model of about {count} parameters.</source>
        <translation>Ein Modell mit etwa {count} Parametern.</translation>
    </message>
    <message>
        <source>{count} tokens: the text {passes} times</source>
        <translation>{count} Token, den Text {passes} Mal</translation>
    </message>
    <message>
        <source>{count} tokens a step</source>
        <translation>{count} Token je Schritt</translation>
    </message>
    <message>
        <source>{count} blocks</source>
        <translation>{count} Blöcke</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} Token</translation>
    </message>
    <message>
        <source>as you chose it in the settings</source>
        <translation>in den Einstellungen so gewählt</translation>
    </message>
</context>
<context>
    <name>Foot</name>
    <message>
        <source>Move…</source>
        <translation>Verschieben…</translation>
    </message>
    <message>
        <source>Another place for the folder of the models.</source>
        <translation>Ein anderer Ort für den Ordner der Modelle.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>about {duration}</source>
        <translation>etwa {duration}</translation>
    </message>
    <message>
        <source>{size} of memory</source>
        <translation>{size} Speicher</translation>
    </message>
    <message>
        <source>{size} on the disk</source>
        <translation>{size} auf der Platte</translation>
    </message>
    <message>
        <source>Estimated: {what}. It is measured before it begins.</source>
        <translation>Geschätzt: {what}. Gemessen wird vor dem Start.</translation>
    </message>
    <message>
        <source>Ready to start.</source>
        <translation>Bereit zum Start.</translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation>Vorbereitung</translation>
    </message>
    <message>
        <source>{what}: {count}</source>
        <translation>{what}: {count}</translation>
    </message>
</context>
<context>
    <name>FoundCard</name>
    <message>
        <source>Connect</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>wants a key</source>
        <translation>Schlüssel nötig</translation>
    </message>
</context>
<context>
    <name>FoundModels</name>
    <message>
        <source>Back to all models</source>
        <translation>Zurück zu allen Modellen</translation>
    </message>
    <message>
        <source>What other programs have</source>
        <translation>Was andere Programme haben</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Neu suchen</translation>
    </message>
    <message>
        <source>Look in a folder…</source>
        <translation>In einem Ordner suchen…</translation>
    </message>
    <message>
        <source>Models are used where they lie, and nothing of another program is changed.</source>
        <translation>Modelle werden dort verwendet, wo sie liegen; an anderen Programmen ändert sich nichts.</translation>
    </message>
    <message>
        <source>Looking for models</source>
        <translation>Modelle werden gesucht</translation>
    </message>
    <message>
        <source>Nothing was found that is not on the list already.</source>
        <translation>Es wurde nichts gefunden, was nicht schon auf der Liste steht.</translation>
    </message>
    <message>
        <source>Add {count} models</source>
        <translation>{count} Modelle hinzufügen</translation>
    </message>
    <message>
        <source>Add 1 model</source>
        <translation>1 Modell hinzufügen</translation>
    </message>
</context>
<context>
    <name>Handlers</name>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
</context>
<context>
    <name>HeldBack</name>
    <message>
        <source>Held back to check on it</source>
        <translation>Zur Prüfung zurückgehalten</translation>
    </message>
    <message>
        <source>{count} rows</source>
        <translation>{count} Zeilen</translation>
    </message>
    <message>
        <source>1 row</source>
        <translation>1 Zeile</translation>
    </message>
</context>
<context>
    <name>HelpPage</name>
    <message>
        <source>Search the guide</source>
        <translation>Anleitung durchsuchen</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>Problem melden…</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>Problem melden</translation>
    </message>
    <message>
        <source>Chapters</source>
        <translation>Kapitel</translation>
    </message>
    <message>
        <source>No chapter has these words.</source>
        <translation>Kein Kapitel hat diese Wörter.</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
</context>
<context>
    <name>Histogram</name>
    <message>
        <source>Lengths of the rows in tokens</source>
        <translation>Länge der Zeilen in Token</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>seen at once: {count}</source>
        <translation>auf einmal gesehen: {count}</translation>
    </message>
</context>
<context>
    <name>Home</name>
    <message>
        <source>Your trainings</source>
        <translation>Deine Trainings</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Trainings</translation>
    </message>
    <message>
        <source>Family tree</source>
        <translation>Stammbaum</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Resume {name}</source>
        <translation>{name} fortsetzen</translation>
    </message>
</context>
<context>
    <name>KeepDialog</name>
    <message>
        <source>Where to keep the key</source>
        <translation>Wohin mit dem Schlüssel</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Aufbewahren</translation>
    </message>
    <message>
        <source>Seedling asks for a passphrase when the key is needed. Nobody can read it without.</source>
        <translation>Seedling fragt nach einer Passphrase, wenn der Schlüssel gebraucht wird. Ohne sie kann ihn niemand lesen.</translation>
    </message>
    <message>
        <source>For this run only</source>
        <translation>Nur bis zum Beenden</translation>
    </message>
    <message>
        <source>It is forgotten when Seedling ends.</source>
        <translation>Er ist vergessen, sobald Seedling endet.</translation>
    </message>
    <message>
        <source>In an encrypted file</source>
        <translation>In einer verschlüsselten Datei</translation>
    </message>
    <message>
        <source>The passphrases are not the same.</source>
        <translation>Die Passphrasen sind nicht gleich.</translation>
    </message>
    <message>
        <source>A passphrase for the file</source>
        <translation>Eine Passphrase für die Datei</translation>
    </message>
    <message>
        <source>Passphrase of the file</source>
        <translation>Passphrase der Datei</translation>
    </message>
    <message>
        <source>The same again</source>
        <translation>Dieselbe noch einmal</translation>
    </message>
    <message>
        <source>Nobody can find it out or reset it: keep it in mind.</source>
        <translation>Niemand kann sie herausfinden oder zurücksetzen: Merk sie dir gut.</translation>
    </message>
</context>
<context>
    <name>KeptStatesRow</name>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Delete what is kept of chats</source>
        <translation>Löschen, was von Chats bereitgehalten wird</translation>
    </message>
    <message>
        <source>1 chat, {size}</source>
        <translation>1 Chat, {size}</translation>
    </message>
</context>
<context>
    <name>KeyDialog</name>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>The key for {name}. It is sent to {address} alone.</source>
        <translation>Der Schlüssel für {name}. Gesendet wird er nur an {address}.</translation>
    </message>
    <message>
        <source>Keep the key in the system&apos;s keyring</source>
        <translation>Schlüssel im Schlüsselbund des Systems aufbewahren</translation>
    </message>
    <message>
        <source>Otherwise it is forgotten when Seedling ends.</source>
        <translation>Sonst ist er vergessen, sobald Seedling endet.</translation>
    </message>
    <message>
        <source>Keys for: {action}</source>
        <translation>Tasten für: {action}</translation>
    </message>
    <message>
        <source>Press the new keys</source>
        <translation>Drück die neuen Tasten</translation>
    </message>
    <message>
        <source>New keys for: {action}</source>
        <translation>Neue Tasten für: {action}</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>Use as well</source>
        <translation>Zusätzlich verwenden</translation>
    </message>
    <message>
        <source>This key alone is for writing. Press it with Ctrl or Alt.</source>
        <translation>Diese Taste allein ist zum Schreiben da. Drück sie zusammen mit Strg oder Alt.</translation>
    </message>
    <message>
        <source>{key} belongs to “{action}” now, which would lose it.</source>
        <translation>{key} gehört jetzt zu „{action}“, das sie verlöre.</translation>
    </message>
</context>
<context>
    <name>KeyRow</name>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Reset: {option}</source>
        <translation>Zurücksetzen: {option}</translation>
    </message>
    <message>
        <source>Here because {reason}.</source>
        <translation>Grund: {reason}.</translation>
    </message>
</context>
<context>
    <name>LeavingOut</name>
    <message>
        <source>So many scattered rows cannot be left out one by one. Take them out of the file instead.</source>
        <translation>So viele verstreute Zeilen lassen sich nicht einzeln weglassen. Nimm sie stattdessen aus der Datei heraus.</translation>
    </message>
</context>
<context>
    <name>LibraryController</name>
    <message>
        <source>{name} is on the list. It is used where it lies.</source>
        <translation>{name} steht auf der Liste. Das Modell wird dort verwendet, wo es liegt.</translation>
    </message>
    <message>
        <source>Add a model folder</source>
        <translation>Modellordner hinzufügen</translation>
    </message>
    <message>
        <source>Add a model file</source>
        <translation>Modelldatei hinzufügen</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>Modelle (*.gguf);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Find {name}</source>
        <translation>{name} suchen</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Remove “{name}” from the list?</source>
        <translation>„{name}“ aus der Liste entfernen?</translation>
    </message>
    <message>
        <source>Remove a model</source>
        <translation>Modell entfernen</translation>
    </message>
    <message>
        <source>Its file stays where it is.</source>
        <translation>Die Datei bleibt, wo sie ist.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Delete “{name}” and free {size}?</source>
        <translation>„{name}“ löschen und {size} freigeben?</translation>
    </message>
    <message>
        <source>Delete a model</source>
        <translation>Modell löschen</translation>
    </message>
    <message>
        <source>Its files are removed from the disk for good.</source>
        <translation>Die Dateien werden endgültig vom Datenträger entfernt.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Checking {name}</source>
        <translation>{name} wird geprüft</translation>
    </message>
    <message>
        <source>Copying {name} into the library</source>
        <translation>{name} wird in die Bibliothek kopiert</translation>
    </message>
    <message>
        <source>{name} is copied into the library.</source>
        <translation>{name} ist in die Bibliothek kopiert.</translation>
    </message>
    <message>
        <source>{count} models take {size} of the disk.</source>
        <translation>{count} Modelle belegen {size} auf dem Datenträger.</translation>
    </message>
    <message>
        <source>1 model takes {size} of the disk.</source>
        <translation>1 Modell belegt {size} auf dem Datenträger.</translation>
    </message>
    <message>
        <source>What Seedling fetches lies in {place}.</source>
        <translation>Was Seedling holt, liegt in {place}.</translation>
    </message>
</context>
<context>
    <name>LicencesView</name>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search the licences</source>
        <translation>Lizenzen durchsuchen</translation>
    </message>
    <message>
        <source>What this program is made of</source>
        <translation>Woraus dieses Programm besteht</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Liest…</translation>
    </message>
    <message>
        <source>The text of the licence</source>
        <translation>Der Text der Lizenz</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>It carries no text of its licence.</source>
        <translation>Der Text der Lizenz liegt nicht bei.</translation>
    </message>
</context>
<context>
    <name>Lineage</name>
    <message>
        <source>Where it comes from</source>
        <translation>Woher es kommt</translation>
    </message>
    <message>
        <source>Show what it was made from</source>
        <translation>Ausgangsmodell zeigen</translation>
    </message>
    <message>
        <source>Show its training</source>
        <translation>Training zeigen</translation>
    </message>
    <message>
        <source>Made from {parent}, and learnt from {data}.</source>
        <translation>Entstanden aus {parent}, gelernt aus {data}.</translation>
    </message>
    <message>
        <source>Made from {parent}.</source>
        <translation>Entstanden aus {parent}.</translation>
    </message>
    <message>
        <source>Learnt from {data}.</source>
        <translation>Gelernt aus {data}.</translation>
    </message>
</context>
<context>
    <name>LocalModels</name>
    <message>
        <source>Look for a model</source>
        <translation>Modell suchen</translation>
    </message>
    <message>
        <source>Sorted by</source>
        <translation>Sortierung</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Hinzufügen…</translation>
    </message>
    <message>
        <source>A model file…</source>
        <translation>Modelldatei…</translation>
    </message>
    <message>
        <source>A model folder…</source>
        <translation>Modellordner…</translation>
    </message>
    <message>
        <source>What other programs have…</source>
        <translation>Was andere Programme haben…</translation>
    </message>
    <message>
        <source>No model has these words.</source>
        <translation>Kein Modell hat diese Wörter.</translation>
    </message>
</context>
<context>
    <name>LogsRow</name>
    <message>
        <source>Delete old logs</source>
        <translation>Alte Protokolle löschen</translation>
    </message>
</context>
<context>
    <name>MemoryView</name>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Looking at what it takes</source>
        <translation>Der Bedarf wird ermittelt</translation>
    </message>
    <message>
        <source>It fits: it takes about {size} of {free}.</source>
        <translation>Passt: Es braucht etwa {size} von {free}.</translation>
    </message>
    <message>
        <source>It may be slow: it takes about {size} of {free}.</source>
        <translation>Vielleicht langsam: Es braucht etwa {size} von {free}.</translation>
    </message>
    <message>
        <source>It does not fit: it takes about {size}, and {free} are there for it.</source>
        <translation>Passt nicht: Es braucht etwa {size}, und dafür sind {free} da.</translation>
    </message>
    <message>
        <source>Weights {weights}, context of {context} tokens {cache}, computing {compute}.</source>
        <translation>Gewichte {weights}, Kontext von {context} Token {cache}, Rechnen {compute}.</translation>
    </message>
    <message>
        <source>The longest context that fits here: {count} tokens.</source>
        <translation>Der längste Kontext, der hier passt: {count} Token.</translation>
    </message>
    <message>
        <source>It fits on {card}.</source>
        <translation>Es passt auf {card}.</translation>
    </message>
    <message>
        <source>{count} of its layers fit on {card}; the rest stays in main memory and is slower.</source>
        <translation>{count} seiner Schichten passen auf {card}; der Rest bleibt im Arbeitsspeicher und ist langsamer.</translation>
    </message>
    <message>
        <source>None of its layers fits on {card}.</source>
        <translation>Keine seiner Schichten passt auf {card}.</translation>
    </message>
    <message>
        <source>Foreseen {foreseen}, measured {measured} when it was loaded.</source>
        <translation>Vorhergesagt {foreseen}, beim Laden gemessen {measured}.</translation>
    </message>
    <message>
        <source>Measured: {size}.</source>
        <translation>Gemessen: {size}.</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Actions for this message</source>
        <translation>Was sich mit dieser Nachricht tun lässt</translation>
    </message>
    <message>
        <source>Version {} of {}</source>
        <translation>Fassung {} von {}</translation>
    </message>
</context>
<context>
    <name>ModelChoice</name>
    <message>
        <source>It writes no replies.</source>
        <translation>Es schreibt keine Antworten.</translation>
    </message>
    <message>
        <source>Add a model folder</source>
        <translation>Modellordner hinzufügen</translation>
    </message>
    <message>
        <source>Add a model file</source>
        <translation>Modelldatei hinzufügen</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>Modelle (*.gguf);;Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>ModelDetail</name>
    <message>
        <source>Back to all models</source>
        <translation>Zurück zu allen Modellen</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Lädt</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Quantization</source>
        <translation>Quantisierung</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>Vokabular</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>Chatvorlage</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Price of a million tokens</source>
        <translation>Preis für eine Million Token</translation>
    </message>
    <message>
        <source>Where it lies</source>
        <translation>Wo es liegt</translation>
    </message>
    <message>
        <source>Settings of this model</source>
        <translation>Einstellungen dieses Modells</translation>
    </message>
    <message>
        <source>Where it is asked</source>
        <translation>Wo es gefragt wird</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} Token</translation>
    </message>
    <message>
        <source>its own</source>
        <translation>eigene</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Choose a model to see what it is.</source>
        <translation>Wähle ein Modell, um zu sehen, was es ist.</translation>
    </message>
</context>
<context>
    <name>ModelMenu</name>
    <message>
        <source>Add model file…</source>
        <translation>Modelldatei hinzufügen…</translation>
    </message>
    <message>
        <source>Add model folder…</source>
        <translation>Modellordner hinzufügen…</translation>
    </message>
    <message>
        <source>Manage models…</source>
        <translation>Modelle verwalten…</translation>
    </message>
    <message>
        <source>Load the model again</source>
        <translation>Modell neu laden</translation>
    </message>
    <message>
        <source>Unload the model</source>
        <translation>Modell entladen</translation>
    </message>
    <message>
        <source>Look for a model</source>
        <translation>Modell suchen</translation>
    </message>
    <message>
        <source>{count} more: type a part of a name</source>
        <translation>{count} weitere: schreib einen Teil des Namens</translation>
    </message>
    <message>
        <source>No model has these words.</source>
        <translation>Kein Modell hat diese Wörter.</translation>
    </message>
    <message>
        <source>{count} parameters</source>
        <translation>{count} Parameter</translation>
    </message>
    <message>
        <source>{size} in memory</source>
        <translation>{size} im Speicher</translation>
    </message>
</context>
<context>
    <name>ModelPicker</name>
    <message>
        <source>not loaded</source>
        <translation>nicht geladen</translation>
    </message>
    <message>
        <source>loading {percent} %</source>
        <translation>lädt {percent} %</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>bereit</translation>
    </message>
    <message>
        <source>cannot be loaded</source>
        <translation>lässt sich nicht laden</translation>
    </message>
    <message>
        <source>Model: {name} {state}</source>
        <translation>Modell: {name} {state}</translation>
    </message>
</context>
<context>
    <name>ModelSettingsForm</name>
    <message>
        <source>Take those of another model…</source>
        <translation>Von anderem Modell übernehmen…</translation>
    </message>
    <message>
        <source>Give these to another model…</source>
        <translation>Auf anderes Modell übertragen…</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Alle zurücksetzen</translation>
    </message>
</context>
<context>
    <name>ModelsList</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>Alle Modelle</translation>
    </message>
</context>
<context>
    <name>ModelsWiring</name>
    <message>
        <source>Find more</source>
        <translation>Mehr finden</translation>
    </message>
    <message>
        <source>Servers and APIs</source>
        <translation>Server und APIs</translation>
    </message>
</context>
<context>
    <name>Moves</name>
    <message>
        <source>Moves to {place} when Seedling starts next.</source>
        <translation>Zieht beim nächsten Start von Seedling nach {place} um.</translation>
    </message>
    <message>
        <source>The move to {place} was interrupted; this folder is still the one in use.</source>
        <translation>Der Umzug nach {place} wurde unterbrochen; verwendet wird weiterhin dieser Ordner.</translation>
    </message>
    <message>
        <source>This folder is not there. Connect its disk and try again, or use the usual place.</source>
        <translation>Dieser Ordner ist nicht da. Schließ seinen Datenträger an und versuch es noch einmal, oder nimm den üblichen Ort.</translation>
    </message>
    <message>
        <source>A folder for: {name}</source>
        <translation>Ein Ordner für: {name}</translation>
    </message>
    <message>
        <source>Move a folder</source>
        <translation>Ordner verschieben</translation>
    </message>
    <message>
        <source>Move {name} ({size}) from {source} to {target}?</source>
        <translation>{name} ({size}) von {source} nach {target} verschieben?</translation>
    </message>
    <message>
        <source>It moves when Seedling starts next; until then everything goes on as it is.</source>
        <translation>Er zieht beim nächsten Start von Seedling um; bis dahin bleibt alles, wie es ist.</translation>
    </message>
    <message>
        <source>Everything is checked after it is copied; only then the old copy is removed.</source>
        <translation>Alles wird nach dem Kopieren geprüft; erst dann wird die alte Kopie entfernt.</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>Verschieben</translation>
    </message>
    <message>
        <source>Use {place} as it is</source>
        <translation>{place} so verwenden, wie es ist</translation>
    </message>
    <message>
        <source>Files that changed while they were moved stay in {place} ({count}).</source>
        <translation>Dateien, die sich während des Umzugs geändert haben, bleiben in {place} ({count}).</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>OffersList</name>
    <message>
        <source>What is offered</source>
        <translation>Was angeboten wird</translation>
    </message>
</context>
<context>
    <name>OptionRow</name>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Reset: {option}</source>
        <translation>Zurücksetzen: {option}</translation>
    </message>
</context>
<context>
    <name>PassphraseDialog</name>
    <message>
        <source>Unlock the keys</source>
        <translation>Schlüssel entsperren</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Entsperren</translation>
    </message>
    <message>
        <source>The file with the keys is locked. Once unlocked, it stays open until Seedling ends.</source>
        <translation>Die Datei mit den Schlüsseln ist gesperrt. Einmal entsperrt, bleibt sie offen, bis Seedling endet.</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>Passphrase</translation>
    </message>
</context>
<context>
    <name>PlaceRow</name>
    <message>
        <source>Folder: {name}</source>
        <translation>Ordner: {name}</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open the folder: {name}</source>
        <translation>Ordner öffnen: {name}</translation>
    </message>
    <message>
        <source>1 file, {size}</source>
        <translation>1 Datei, {size}</translation>
    </message>
</context>
<context>
    <name>PlanSharing</name>
    <message>
        <source>Save the recipe</source>
        <translation>Rezept speichern</translation>
    </message>
    <message>
        <source>Recipes (*.toml)</source>
        <translation>Rezepte (*.toml)</translation>
    </message>
    <message>
        <source>The recipe is saved: {place}</source>
        <translation>Das Rezept ist gespeichert: {place}</translation>
    </message>
    <message>
        <source>The command is copied.</source>
        <translation>Der Befehl ist kopiert.</translation>
    </message>
</context>
<context>
    <name>Prepare</name>
    <message>
        <source>All settings</source>
        <translation>Alle Einstellungen</translation>
    </message>
</context>
<context>
    <name>PriceDialog</name>
    <message>
        <source>Prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>For a million tokens. Write over a price to have one of your own, which counts before the one that came with Seedling. A model may be a pattern with a star, such as gpt-5*.</source>
        <translation>Für eine Million Token. Überschreib einen Preis, um einen eigenen zu haben; er gilt vor dem, der mit Seedling kam. Ein Modell kann ein Muster mit Stern sein, etwa gpt-5*.</translation>
    </message>
    <message>
        <source>Add a price</source>
        <translation>Preis hinzufügen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove the chosen price of yours</source>
        <translation>Deinen gewählten Preis entfernen</translation>
    </message>
</context>
<context>
    <name>Privacy</name>
    <message>
        <source>What leaves this computer</source>
        <translation>Was diesen Computer verlässt</translation>
    </message>
    <message>
        <source>What is written where</source>
        <translation>Was wo geschrieben wird</translation>
    </message>
    <message>
        <source>Delete all chats</source>
        <translation>Alle Chats löschen</translation>
    </message>
    <message>
        <source>Every chat with all its messages; their bytes are overwritten. What models have made of them is deleted, not overwritten: on most disks that would do nothing. Models and runs stay.</source>
        <translation>Alle Chats mit allen Nachrichten; ihre Bytes werden überschrieben. Was Modelle daraus gemacht haben, wird gelöscht, nicht überschrieben: Auf den meisten Datenträgern brächte das nichts. Modelle und Trainings bleiben.</translation>
    </message>
    <message>
        <source>Delete all chats…</source>
        <translation>Alle Chats löschen…</translation>
    </message>
    <message>
        <source>Seedling has no account and sends no telemetry.</source>
        <translation>Seedling hat kein Konto und sendet keine Telemetrie.</translation>
    </message>
    <message>
        <source>A link in a reply is opened in your browser, and only after you agreed.</source>
        <translation>Ein Link in einer Antwort wird in deinem Browser geöffnet, und erst, wenn du zustimmst.</translation>
    </message>
    <message>
        <source>Nothing leaves: models beyond this machine are not asked, and nothing is fetched.</source>
        <translation>Nichts geht hinaus: Modelle außerhalb dieses Computers werden nicht gefragt, und nichts wird geholt.</translation>
    </message>
    <message>
        <source>A model of this computer answers here, and what you write to it stays here.</source>
        <translation>Ein Modell dieses Computers antwortet hier, und was du ihm schreibst, bleibt hier.</translation>
    </message>
    <message>
        <source>To a model of a server goes the whole chat, its system prompt, and your key for that server.</source>
        <translation>An ein Modell eines Servers gehen der ganze Chat, sein Systemprompt und dein Schlüssel für diesen Server.</translation>
    </message>
    <message>
        <source>To the hub go the words you look for, and the names of what you open or fetch there.</source>
        <translation>An den Hub gehen die Wörter, nach denen du suchst, und die Namen dessen, was du dort öffnest oder holst.</translation>
    </message>
    <message>
        <source>A look for a newer version is one request for a list, when you ask or allowed it once a day.</source>
        <translation>Nach einer neueren Version zu suchen ist eine Anfrage nach einer Liste: auf deinen Wunsch, oder einmal am Tag, wenn du es erlaubt hast.</translation>
    </message>
    <message>
        <source>Servers that are connected and not on this machine:</source>
        <translation>Verbundene Server, die nicht auf diesem Computer laufen:</translation>
    </message>
    <message>
        <source>Chats, and beside them what was set aside: {place}</source>
        <translation>Chats, und daneben, was beiseitegelegt wurde: {place}</translation>
    </message>
    <message>
        <source>Backups of the chats: {place}</source>
        <translation>Sicherungen der Chats: {place}</translation>
    </message>
    <message>
        <source>What models have made of chats, deleted with them, not overwritten: {place}</source>
        <translation>Was Modelle aus Chats gemacht haben; es wird mit ihnen gelöscht, nicht überschrieben: {place}</translation>
    </message>
    <message>
        <source>These settings: {place}</source>
        <translation>Diese Einstellungen: {place}</translation>
    </message>
    <message>
        <source>The list of models you added: {place}</source>
        <translation>Die Liste der Modelle, die du hinzugefügt hast: {place}</translation>
    </message>
    <message>
        <source>The list of servers, without their keys: {place}</source>
        <translation>Die Liste der Server, ohne ihre Schlüssel: {place}</translation>
    </message>
    <message>
        <source>Keys, encrypted, where you chose a file: {place}</source>
        <translation>Schlüssel, verschlüsselt, wo du eine Datei gewählt hast: {place}</translation>
    </message>
    <message>
        <source>The list of a newer version, and its file on the way: {place}</source>
        <translation>Die Liste neuerer Versionen und die Datei, die gerade geladen wird: {place}</translation>
    </message>
    <message>
        <source>Logs, without a word of what you or a model wrote: {place}</source>
        <translation>Protokolle, ohne ein Wort von dir oder einem Modell: {place}</translation>
    </message>
</context>
<context>
    <name>Questions</name>
    <message>
        <source>Which model shall learn it?</source>
        <translation>Welches Modell soll es lernen?</translation>
    </message>
    <message>
        <source>Short</source>
        <translation>Kurz</translation>
    </message>
    <message>
        <source>A few minutes, to see what comes of it.</source>
        <translation>Ein paar Minuten, um zu sehen, was daraus wird.</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>Mittel</translation>
    </message>
    <message>
        <source>As long as is usual for so much data.</source>
        <translation>So lange, wie es für so viele Daten üblich ist.</translation>
    </message>
    <message>
        <source>Long</source>
        <translation>Lang</translation>
    </message>
    <message>
        <source>As long as it gets better; it ends by itself when it does not.</source>
        <translation>So lange, wie es besser wird; danach endet es von selbst.</translation>
    </message>
    <message>
        <source>My time</source>
        <translation>Meine Zeit</translation>
    </message>
    <message>
        <source>About as long as you say.</source>
        <translation>Etwa so lange, wie du sagst.</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>Minutes</source>
        <translation>Minuten</translation>
    </message>
    <message>
        <source>Gentle</source>
        <translation>Behutsam</translation>
    </message>
    <message>
        <source>Small changes: it keeps nearly all that it knew.</source>
        <translation>Kleine Änderungen: Es behält fast alles, was es wusste.</translation>
    </message>
    <message>
        <source>Usual</source>
        <translation>Üblich</translation>
    </message>
    <message>
        <source>It learns well and keeps most of what it knew.</source>
        <translation>Es lernt gut und behält das meiste, was es wusste.</translation>
    </message>
    <message>
        <source>Bold</source>
        <translation>Beherzt</translation>
    </message>
    <message>
        <source>It learns most, and may forget what it knew.</source>
        <translation>Es lernt am meisten und vergisst vielleicht, was es wusste.</translation>
    </message>
    <message>
        <source>What shall it learn?</source>
        <translation>Was soll es lernen?</translation>
    </message>
    <message>
        <source>How large, or how long?</source>
        <translation>Wie groß oder wie lange?</translation>
    </message>
    <message>
        <source>How long?</source>
        <translation>Wie lange?</translation>
    </message>
    <message>
        <source>How careful?</source>
        <translation>Wie behutsam?</translation>
    </message>
    <message>
        <source>Your rows can teach this. To have them teach something else, read them differently.</source>
        <translation>Aus deinen Zeilen lässt sich das lernen. Soll etwas anderes gelernt werden, lies sie anders.</translation>
    </message>
    <message>
        <source>It stays as it is: what comes of it is a model of its own.</source>
        <translation>Das Modell bleibt, wie es ist: Was daraus entsteht, ist ein eigenes.</translation>
    </message>
</context>
<context>
    <name>RecipeForm</name>
    <message>
        <source>Look for a setting</source>
        <translation>Einstellung suchen</translation>
    </message>
    <message>
        <source>Load a recipe…</source>
        <translation>Rezept laden…</translation>
    </message>
    <message>
        <source>Save the recipe…</source>
        <translation>Rezept speichern…</translation>
    </message>
    <message>
        <source>Copy the command</source>
        <translation>Befehl kopieren</translation>
    </message>
    <message>
        <source>The command that does the same training in a terminal.</source>
        <translation>Der Befehl, der dasselbe Training im Terminal ausführt.</translation>
    </message>
</context>
<context>
    <name>Recovering</name>
    <message>
        <source>The file of the chats is damaged, and kept as {place}. What can be read of it is being brought back; you can write meanwhile.</source>
        <translation>Die Datei der Chats ist beschädigt und bleibt als {place} erhalten. Was sich davon lesen lässt, wird zurückgeholt; du kannst inzwischen schreiben.</translation>
    </message>
    <message>
        <source>The chats of before are not back yet, and the next start tries again. {reason}</source>
        <translation>Die früheren Chats sind noch nicht zurück; der nächste Start versucht es wieder. {reason}</translation>
    </message>
</context>
<context>
    <name>RejectedModel</name>
    <message>
        <source>Line {line}: {reason}</source>
        <translation>Zeile {line}: {reason}</translation>
    </message>
</context>
<context>
    <name>ReportDialog</name>
    <message>
        <source>Report a problem</source>
        <translation>Problem melden</translation>
    </message>
    <message>
        <source>No word of your chats and files is in it, and no key. Nothing is sent: read it, change what you like, and pass it on yourself.</source>
        <translation>Kein Wort deiner Chats und Dateien steht darin, und kein Schlüssel. Nichts wird gesendet: Lies den Bericht, ändere, was du willst, und gib ihn selbst weiter.</translation>
    </message>
    <message>
        <source>Collecting…</source>
        <translation>Sammelt…</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Speichern…</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>The report is copied.</source>
        <translation>Der Bericht ist kopiert.</translation>
    </message>
</context>
<context>
    <name>Reporting</name>
    <message>
        <source>Save the report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>Texts (*.txt)</source>
        <translation>Texte (*.txt)</translation>
    </message>
    <message>
        <source>The report is saved: {place}</source>
        <translation>Der Bericht ist gespeichert: {place}</translation>
    </message>
</context>
<context>
    <name>RepositoryView</name>
    <message>
        <source>Asking the hub</source>
        <translation>Der Hub wird gefragt</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Ask the hub</source>
        <translation>Den Hub fragen</translation>
    </message>
    <message>
        <source>Read the terms</source>
        <translation>Bedingungen lesen</translation>
    </message>
    <message>
        <source>Enter a token</source>
        <translation>Token eingeben</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>Which one</source>
        <translation>Zur Auswahl</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>Mehr zeigen</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>What its makers say</source>
        <translation>Was die Entwickler sagen</translation>
    </message>
    <message>
        <source>A link has named this model. The hub is asked about it when you want that.</source>
        <translation>Ein Link hat dieses Modell genannt. Der Hub wird danach gefragt, wenn du das willst.</translation>
    </message>
    <message>
        <source>Train on it</source>
        <translation>Weitertrainieren</translation>
    </message>
    <message>
        <source>Chat with it</source>
        <translation>Damit chatten</translation>
    </message>
    <message>
        <source>Go on downloading</source>
        <translation>Download fortsetzen</translation>
    </message>
    <message>
        <source>Download {size}</source>
        <translation>{size} herunterladen</translation>
    </message>
    <message>
        <source>It is on its way.</source>
        <translation>Es ist unterwegs.</translation>
    </message>
    <message>
        <source>It takes more memory than this computer can give it.</source>
        <translation>Es braucht mehr Speicher, als dieser Computer ihm geben kann.</translation>
    </message>
    <message>
        <source>It takes nearly all the memory there is, and may be slow.</source>
        <translation>Es braucht fast den ganzen Speicher und ist vielleicht langsam.</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} Token</translation>
    </message>
    <message>
        <source>Show {count} more</source>
        <translation>{count} weitere zeigen</translation>
    </message>
    <message>
        <source>Choose one to see what it is.</source>
        <translation>Wähle eines, um zu sehen, was es ist.</translation>
    </message>
</context>
<context>
    <name>RowDelegate</name>
    <message>
        <source>Name of the model</source>
        <translation>Name des Modells</translation>
    </message>
</context>
<context>
    <name>RowDetail</name>
    <message>
        <source>What it learns</source>
        <translation>Was es lernt</translation>
    </message>
    <message>
        <source>Marked is what the model learns to write; it only reads the rest.</source>
        <translation>Markiert ist, was das Modell zu schreiben lernt; alles andere liest es nur.</translation>
    </message>
    <message>
        <source>What it says</source>
        <translation>Was darin steht</translation>
    </message>
    <message>
        <source>As it stands in the file.</source>
        <translation>So, wie es in der Datei steht.</translation>
    </message>
    <message>
        <source>The row</source>
        <translation>Die Zeile</translation>
    </message>
    <message>
        <source>{count} characters more are not shown.</source>
        <translation>{count} weitere Zeichen werden nicht gezeigt.</translation>
    </message>
    <message>
        <source>This row is left out: {reason}.</source>
        <translation>Diese Zeile bleibt weg: {reason}.</translation>
    </message>
    <message>
        <source>{trained} of {count} tokens are learnt.</source>
        <translation>{trained} von {count} Token werden gelernt.</translation>
    </message>
</context>
<context>
    <name>RowsView</name>
    <message>
        <source>Look for words</source>
        <translation>Nach Wörtern suchen</translation>
    </message>
    <message>
        <source>Look for words in the rows</source>
        <translation>In den Zeilen nach Wörtern suchen</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Leave these out</source>
        <translation>Diese weglassen</translation>
    </message>
    <message>
        <source>The rows that were found are not learnt from.</source>
        <translation>Aus den gefundenen Zeilen wird nicht gelernt.</translation>
    </message>
    <message>
        <source>Take all back</source>
        <translation>Alle zurückholen</translation>
    </message>
    <message>
        <source>{count} found, {searched} rows searched</source>
        <translation>{count} gefunden, {searched} Zeilen durchsucht</translation>
    </message>
    <message>
        <source>{count} rows are left out</source>
        <translation>{count} Zeilen bleiben weg</translation>
    </message>
    <message>
        <source>1 row is left out</source>
        <translation>1 Zeile bleibt weg</translation>
    </message>
    <message>
        <source>{count} rows</source>
        <translation>{count} Zeilen</translation>
    </message>
    <message>
        <source>{count} row</source>
        <translation>{count} Zeile</translation>
    </message>
    <message>
        <source>the first {count} that were found</source>
        <translation>die ersten {count} Treffer</translation>
    </message>
    <message>
        <source>{count} of {total} rows</source>
        <translation>{count} von {total} Zeilen</translation>
    </message>
</context>
<context>
    <name>RunHeader</name>
    <message>
        <source>Pause</source>
        <translation>Pausieren</translation>
    </message>
    <message>
        <source>Keeps where it stands; Resume goes on from there.</source>
        <translation>Der Stand bleibt erhalten; mit Fortsetzen geht es von dort weiter.</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Stop and keep the best</source>
        <translation>Anhalten, Bestes behalten</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Step {step} of {steps}</source>
        <translation>Schritt {step} von {steps}</translation>
    </message>
    <message>
        <source>about {duration} left</source>
        <translation>noch etwa {duration}</translation>
    </message>
    <message>
        <source>{count} tokens/s</source>
        <translation>{count} Token/s</translation>
    </message>
    <message>
        <source>best held-out loss {loss}</source>
        <translation>bester Loss, zurückgehalten: {loss}</translation>
    </message>
</context>
<context>
    <name>RunModel</name>
    <message>
        <source>{name}: {facts}</source>
        <translation>{name}: {facts}</translation>
    </message>
    <message>
        <source>{run}, ticked</source>
        <translation>{run}, angehakt</translation>
    </message>
</context>
<context>
    <name>RunsList</name>
    <message>
        <source>Runs</source>
        <translation>Trainings</translation>
    </message>
    <message>
        <source>Runs will stand here once there is one.</source>
        <translation>Hier stehen die Läufe, sobald es welche gibt.</translation>
    </message>
    <message>
        <source>Compare {count} runs</source>
        <translation>{count} Läufe vergleichen</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen…</translation>
    </message>
</context>
<context>
    <name>SafeMode</name>
    <message>
        <source>Last time Seedling ended while {names} was being loaded, so it opened nothing by itself.</source>
        <translation>Letztes Mal endete Seedling, während {names} geladen wurde; darum hat es nichts von selbst geöffnet.</translation>
    </message>
    <message>
        <source>Seedling was cut short twice in a row, so it opened nothing by itself.</source>
        <translation>Seedling wurde zweimal nacheinander jäh beendet; darum hat es nichts von selbst geöffnet.</translation>
    </message>
    <message>
        <source>As you asked, Seedling opened nothing by itself.</source>
        <translation>Wie gewünscht hat Seedling nichts von selbst geöffnet.</translation>
    </message>
    <message>
        <source>Last time Seedling ended while it was starting, so it opened nothing by itself.</source>
        <translation>Letztes Mal endete Seedling beim Starten; darum hat es nichts von selbst geöffnet.</translation>
    </message>
    <message>
        <source>Seedling crashed when it ran last. The details help to mend it; look through them first.</source>
        <translation>Seedling ist beim letzten Mal abgestürzt. Die Einzelheiten helfen, das zu beheben; sieh sie vorher durch.</translation>
    </message>
</context>
<context>
    <name>Samples</name>
    <message>
        <source>The sample before</source>
        <translation>Vorige Textprobe</translation>
    </message>
    <message>
        <source>The sample after</source>
        <translation>Nächste Textprobe</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>Textprobe</translation>
    </message>
    <message>
        <source>Underlined: not in the sample before.</source>
        <translation>Unterstrichen: nicht in der vorigen Textprobe.</translation>
    </message>
    <message>
        <source>The first sample comes at the first evaluation.</source>
        <translation>Die erste Textprobe kommt mit der ersten Auswertung.</translation>
    </message>
    <message>
        <source>At step {step}</source>
        <translation>Bei Schritt {step}</translation>
    </message>
</context>
<context>
    <name>Seedling</name>
    <message>
        <source>This page could not be opened. The log of today says why.</source>
        <translation>Diese Seite ließ sich nicht öffnen. Im Protokoll von heute steht, warum.</translation>
    </message>
    <message>
        <source>{old} is unloaded, because {new} needs its memory.</source>
        <translation>{old} ist entladen, weil {new} dessen Speicher braucht.</translation>
    </message>
    <message>
        <source>There is a newer version of Seedling, {version}.</source>
        <translation>Es gibt eine neuere Version von Seedling: {version}.</translation>
    </message>
</context>
<context>
    <name>ServerCard</name>
    <message>
        <source>Enter the key…</source>
        <translation>Schlüssel eingeben…</translation>
    </message>
    <message>
        <source>Unlock the keys…</source>
        <translation>Schlüssel entsperren…</translation>
    </message>
    <message>
        <source>Its models</source>
        <translation>Seine Modelle</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Neu abfragen</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Asking {name}</source>
        <translation>{name} wird abgefragt</translation>
    </message>
    <message>
        <source>Change the key…</source>
        <translation>Schlüssel ändern…</translation>
    </message>
    <message>
        <source>Disconnect…</source>
        <translation>Trennen…</translation>
    </message>
</context>
<context>
    <name>ServersController</name>
    <message>
        <source>“Nothing leaves this computer” is on: only servers on this machine are asked.</source>
        <translation>„Nichts verlässt diesen Computer“ ist an: Nur Server auf diesem Computer werden gefragt.</translation>
    </message>
    <message>
        <source>No server answers on this computer.</source>
        <translation>Auf diesem Computer antwortet kein Server.</translation>
    </message>
    <message>
        <source>All that answer here are connected.</source>
        <translation>Alle, die hier antworten, sind verbunden.</translation>
    </message>
    <message>
        <source>{name} is connected. Its models are among all models.</source>
        <translation>{name} ist verbunden. Die Modelle stehen unter „Alle Modelle“.</translation>
    </message>
    <message>
        <source>Disconnect “{name}”?</source>
        <translation>Verbindung zu „{name}“ trennen?</translation>
    </message>
    <message>
        <source>Its key is forgotten, and its models leave the list. Chats with them stay.</source>
        <translation>Der Schlüssel wird vergessen, und die Modelle verschwinden aus der Liste. Chats mit ihnen bleiben.</translation>
    </message>
    <message>
        <source>Disconnect a server</source>
        <translation>Server trennen</translation>
    </message>
    <message>
        <source>Disconnect</source>
        <translation>Trennen</translation>
    </message>
    <message>
        <source>{name} is disconnected, but its key could not be forgotten.</source>
        <translation>{name} ist getrennt, aber der Schlüssel ließ sich nicht löschen.</translation>
    </message>
</context>
<context>
    <name>ServersView</name>
    <message>
        <source>Connect…</source>
        <translation>Verbinden…</translation>
    </message>
    <message>
        <source>Look for servers on this computer</source>
        <translation>Auf diesem Computer nach Servern suchen</translation>
    </message>
    <message>
        <source>{service}…</source>
        <translation>{service}…</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Neu abfragen</translation>
    </message>
    <message>
        <source>Look at all of them again</source>
        <translation>Alle neu abfragen</translation>
    </message>
    <message>
        <source>Prices…</source>
        <translation>Preise…</translation>
    </message>
    <message>
        <source>Servers and APIs answer with models of their own. None is asked before you connect it.</source>
        <translation>Server und APIs antworten mit eigenen Modellen. Keiner wird gefragt, bevor du ihn verbindest.</translation>
    </message>
    <message>
        <source>Show the switch</source>
        <translation>Schalter zeigen</translation>
    </message>
    <message>
        <source>Found on this computer</source>
        <translation>Auf diesem Computer gefunden</translation>
    </message>
    <message>
        <source>Connected</source>
        <translation>Verbunden</translation>
    </message>
    <message>
        <source>Nothing is connected yet.</source>
        <translation>Noch ist nichts verbunden.</translation>
    </message>
    <message>
        <source>Looking for servers</source>
        <translation>Server werden gesucht</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Reset: {option}</source>
        <translation>Zurücksetzen: {option}</translation>
    </message>
</context>
<context>
    <name>SettingsController</name>
    <message>
        <source>Put a backup back</source>
        <translation>Sicherung zurückspielen</translation>
    </message>
    <message>
        <source>Put this backup in the place of all present chats when Seedling starts next?</source>
        <translation>Diese Sicherung beim nächsten Start von Seedling an die Stelle aller jetzigen Chats setzen?</translation>
    </message>
    <message>
        <source>The present chats are kept in a file beside it.</source>
        <translation>Die jetzigen Chats bleiben in einer Datei daneben erhalten.</translation>
    </message>
    <message>
        <source>Put it back</source>
        <translation>Zurückspielen</translation>
    </message>
    <message>
        <source>Old logs are deleted: {size}. Those of running processes stay.</source>
        <translation>Alte Protokolle sind gelöscht: {size}. Die von laufenden Prozessen bleiben.</translation>
    </message>
    <message>
        <source>What was kept of chats is deleted: {size}.</source>
        <translation>Was von Chats bereitgehalten wurde, ist gelöscht: {size}.</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Search the settings</source>
        <translation>Einstellungen durchsuchen</translation>
    </message>
    <message>
        <source>Sections</source>
        <translation>Abschnitte</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>No setting has these words.</source>
        <translation>Keine Einstellung hat diese Wörter.</translation>
    </message>
    <message>
        <source>Show all settings</source>
        <translation>Alle Einstellungen zeigen</translation>
    </message>
</context>
<context>
    <name>Setup</name>
    <message>
        <source>The smaller model</source>
        <translation>Das kleinere Modell</translation>
    </message>
    <message>
        <source>It guesses what the larger one writes. It needs the same vocabulary.</source>
        <translation>Es rät, was das größere schreibt. Dafür braucht es dasselbe Vokabular.</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>Wählen</translation>
    </message>
    <message>
        <source>Add an adapter</source>
        <translation>Adapter hinzufügen</translation>
    </message>
    <message>
        <source>Adapters as GGUF that were made for this model.</source>
        <translation>Adapter als GGUF, die für dieses Modell gemacht sind.</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Take the settings of another model</source>
        <translation>Einstellungen eines anderen Modells übernehmen</translation>
    </message>
    <message>
        <source>They take the place of those set here.</source>
        <translation>Sie ersetzen die, die hier gewählt sind.</translation>
    </message>
    <message>
        <source>Take them</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Give these settings to another model</source>
        <translation>Diese Einstellungen auf ein anderes Modell übertragen</translation>
    </message>
    <message>
        <source>They take the place of those it has.</source>
        <translation>Sie ersetzen die, die es jetzt hat.</translation>
    </message>
    <message>
        <source>Give them</source>
        <translation>Übertragen</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search the shortcuts</source>
        <translation>Tastenkürzel durchsuchen</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
</context>
<context>
    <name>ShortcutsSection</name>
    <message>
        <source>Reset all</source>
        <translation>Alle zurücksetzen</translation>
    </message>
    <message>
        <source>Reset all shortcuts</source>
        <translation>Alle Tastenkürzel zurücksetzen</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Each can have other keys, several, or none. A key that is taken names its owner.</source>
        <translation>Jedes kann andere Tasten haben, mehrere oder keine. Eine vergebene Taste nennt, wem sie gehört.</translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>How the model should behave, if anything</source>
        <translation>Wie sich das Modell verhalten soll, falls das wichtig ist</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>random</source>
        <translation>zufällig</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>ohne Grenze</translation>
    </message>
    <message>
        <source>as trained</source>
        <translation>wie trainiert</translation>
    </message>
    <message>
        <source>What can be set is known once the server is connected.</source>
        <translation>Was sich einstellen lässt, ist bekannt, sobald der Server verbunden ist.</translation>
    </message>
    <message>
        <source>Reset to defaults</source>
        <translation>Auf Vorgaben zurücksetzen</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>0 always takes the likeliest word; more is more varied.</source>
        <translation>0 nimmt immer das wahrscheinlichste Wort; mehr ist abwechslungsreicher.</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Choose among this many of the likeliest tokens.</source>
        <translation>Wählt unter so vielen der wahrscheinlichsten Token.</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Choose among the likeliest tokens that reach this probability.</source>
        <translation>Wählt unter den wahrscheinlichsten Token, die zusammen diese Wahrscheinlichkeit erreichen.</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Drop tokens below this share of the likeliest one.</source>
        <translation>Lässt Token weg, die unter diesem Anteil des wahrscheinlichsten liegen.</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>Wiederholungsstrafe</translation>
    </message>
    <message>
        <source>Above 1 makes recent tokens less likely.</source>
        <translation>Über 1 werden Token unwahrscheinlicher, die gerade vorkamen.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>The same seed gives the same reply.</source>
        <translation>Derselbe Startwert gibt dieselbe Antwort.</translation>
    </message>
    <message>
        <source>Longest reply</source>
        <translation>Längste Antwort</translation>
    </message>
    <message>
        <source>In tokens.</source>
        <translation>In Token.</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Tokens the model looks at; more needs more memory.</source>
        <translation>So viele Token sieht das Modell; mehr braucht mehr Speicher.</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Systemprompt</translation>
    </message>
    <message>
        <source>This chat has cost {money}.</source>
        <translation>Dieser Chat hat {money} gekostet.</translation>
    </message>
    <message>
        <source>by server</source>
        <translation>vom Server</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search the chats</source>
        <translation>Chats durchsuchen</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>Chats</translation>
    </message>
    <message>
        <source>Your chats will stand here. Write a message to begin one.</source>
        <translation>Hier stehen deine Chats. Schreib eine Nachricht, um einen zu beginnen.</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen…</translation>
    </message>
</context>
<context>
    <name>TemplateDialog</name>
    <message>
        <source>Chat template of “{name}”</source>
        <translation>Chatvorlage von „{name}“</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>Vorlage</translation>
    </message>
    <message>
        <source>A conversation as the model gets it</source>
        <translation>Ein Gespräch, wie das Modell es bekommt</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>Back to the model&apos;s own</source>
        <translation>Zur Vorlage des Modells</translation>
    </message>
    <message>
        <source>You are a helpful assistant.</source>
        <translation>Du bist ein hilfreicher Assistent.</translation>
    </message>
    <message>
        <source>What does a seed need?</source>
        <translation>Was braucht ein Samen?</translation>
    </message>
    <message>
        <source>Water, light and a little patience.</source>
        <translation>Wasser, Licht und ein wenig Geduld.</translation>
    </message>
    <message>
        <source>And then?</source>
        <translation>Und dann?</translation>
    </message>
</context>
<context>
    <name>TokenDialog</name>
    <message>
        <source>Token of the hub</source>
        <translation>Token für den Hub</translation>
    </message>
    <message>
        <source>A token lets Seedling fetch what your account may. Make one that can only read.</source>
        <translation>Mit einem Token holt Seedling, worauf dein Konto Zugriff hat. Erstelle eines, das nur lesen darf.</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Keep it in the system&apos;s keyring</source>
        <translation>Im Schlüsselbund des Systems aufbewahren</translation>
    </message>
    <message>
        <source>Otherwise it is forgotten when Seedling ends. It is never written to a file.</source>
        <translation>Sonst ist es vergessen, sobald Seedling endet. In eine Datei wird es nie geschrieben.</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Verwenden</translation>
    </message>
</context>
<context>
    <name>TokenStrip</name>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>{text}: token {id}, bytes {bytes}</source>
        <translation>{text}: Token {id}, Bytes {bytes}</translation>
    </message>
</context>
<context>
    <name>Tokenizing</name>
    <message>
        <source>There is no tokenizer yet.</source>
        <translation>Es gibt noch keinen Tokenizer.</translation>
    </message>
    <message>
        <source>Learning the tokens</source>
        <translation>Token werden gelernt</translation>
    </message>
</context>
<context>
    <name>TokensView</name>
    <message>
        <source>Write any sentence</source>
        <translation>Schreib irgendeinen Satz</translation>
    </message>
    <message>
        <source>A text to cut into tokens</source>
        <translation>Ein Text, der in Token zerlegt wird</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} Token</translation>
    </message>
    <message>
        <source>{count} token</source>
        <translation>{count} Token</translation>
    </message>
    <message>
        <source>{share} characters each</source>
        <translation>je {share} Zeichen</translation>
    </message>
    <message>
        <source>from a vocabulary of {count}</source>
        <translation>aus einem Vokabular von {count}</translation>
    </message>
    <message>
        <source>learnt from the beginning of your text</source>
        <translation>gelernt aus dem Anfang deines Textes</translation>
    </message>
    <message>
        <source>Point at a token, or go through them by the arrow keys, to see its number and bytes.</source>
        <translation>Zeig auf ein Token oder geh mit den Pfeiltasten hindurch, um seine Nummer und seine Bytes zu sehen.</translation>
    </message>
</context>
<context>
    <name>TrainingController</name>
    <message>
        <source>Looking at the data</source>
        <translation>Die Daten werden angesehen</translation>
    </message>
    <message>
        <source>Questions with choices are for judging a model. It learns nothing from them.</source>
        <translation>Fragen mit Auswahlantworten sind dazu da, ein Modell zu beurteilen. Es lernt nichts daraus.</translation>
    </message>
    <message>
        <source>Making a plan</source>
        <translation>Ein Plan entsteht</translation>
    </message>
    <message>
        <source>Another training is running. This one can start when it has ended.</source>
        <translation>Es läuft noch ein anderes Training. Danach kann dieses beginnen.</translation>
    </message>
    <message>
        <source>Load a recipe</source>
        <translation>Rezept laden</translation>
    </message>
    <message>
        <source>Recipes (*.toml);;All files (*)</source>
        <translation>Rezepte (*.toml);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Another training is running. This one can go on when it has ended.</source>
        <translation>Es läuft noch ein anderes Training. Danach kann dieses weitergehen.</translation>
    </message>
    <message>
        <source>It stops after this step, and writes what it has learnt.</source>
        <translation>Das Training hält nach diesem Schritt an und schreibt, was es gelernt hat.</translation>
    </message>
    <message>
        <source>A training is running</source>
        <translation>Ein Training läuft</translation>
    </message>
    <message>
        <source>Stop the training and close Seedling?</source>
        <translation>Training anhalten und Seedling schließen?</translation>
    </message>
    <message>
        <source>What it has learnt is kept, and it can be resumed when Seedling is opened next.</source>
        <translation>Das Gelernte bleibt erhalten, und das Training lässt sich fortsetzen, wenn du Seedling wieder öffnest.</translation>
    </message>
    <message>
        <source>Stop and close</source>
        <translation>Anhalten und schließen</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>Bleiben</translation>
    </message>
    <message>
        <source>Another training is running. Repeat this one when it has ended.</source>
        <translation>Es läuft noch ein anderes Training. Wiederhole dieses danach.</translation>
    </message>
    <message>
        <source>Drop a file here: what is learnt from it goes on top of {name}.</source>
        <translation>Zieh eine Datei hierher: Was daraus gelernt wird, baut auf {name} auf.</translation>
    </message>
    <message>
        <source>{count} parameters</source>
        <translation>{count} Parameter</translation>
    </message>
    <message>
        <source>Trained here</source>
        <translation>Hier trainiert</translation>
    </message>
    <message>
        <source>Choose a file to learn from</source>
        <translation>Datei wählen, aus der gelernt wird</translation>
    </message>
    <message>
        <source>Data (*.json *.jsonl *.ndjson *.csv *.tsv *.parquet *.txt *.md *.zst *.xz *.gz *.zip);;All files (*)</source>
        <translation>Daten (*.json *.jsonl *.ndjson *.csv *.tsv *.parquet *.txt *.md *.zst *.xz *.gz *.zip);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose a folder to learn from</source>
        <translation>Ordner wählen, aus dem gelernt wird</translation>
    </message>
</context>
<context>
    <name>TrainingPage</name>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>All trainings</source>
        <translation>Alle Trainings</translation>
    </message>
    <message>
        <source>Back to the training</source>
        <translation>Zurück zum Training</translation>
    </message>
    <message>
        <source>Back to all trainings</source>
        <translation>Zurück zu allen Trainings</translation>
    </message>
</context>
<context>
    <name>TrainingWiring</name>
    <message>
        <source>It is kept among the chats.</source>
        <translation>Das Gespräch liegt jetzt bei den Chats.</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>You</source>
        <translation>Du</translation>
    </message>
    <message>
        <source>Seedling</source>
        <translation>Seedling</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>Anweisungen</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>Jump to the latest message</source>
        <translation>Zur neuesten Nachricht</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
</context>
<context>
    <name>UpdatesPanel</name>
    <message>
        <source>Newer versions</source>
        <translation>Neuere Versionen</translation>
    </message>
    <message>
        <source>What changed</source>
        <translation>Änderungen</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Lädt herunter</translation>
    </message>
    <message>
        <source>Look for a newer version</source>
        <translation>Nach neuerer Version suchen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Show the settings</source>
        <translation>Einstellungen zeigen</translation>
    </message>
    <message>
        <source>Nothing is looked for until you ask. One request then goes to the address in the settings, and nothing about you or this computer goes with it.</source>
        <translation>Gesucht wird erst, wenn du es willst. Dann geht eine einzige Anfrage an die Adresse in den Einstellungen, und nichts über dich oder diesen Computer geht mit.</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Sucht…</translation>
    </message>
    <message>
        <source>The file is here, signed and whole. Close Seedling and install it as you installed this one; your chats, models and settings stay.</source>
        <translation>Die Datei ist da, signiert und unversehrt. Schließ Seedling und installiere sie so, wie du die jetzige Version installiert hast; deine Chats, Modelle und Einstellungen bleiben.</translation>
    </message>
    <message>
        <source>This is the newest version.</source>
        <translation>Das ist die neueste Version.</translation>
    </message>
    <message>
        <source>Seedling {version} of {date} is newer than this one. What changed:</source>
        <translation>Seedling {version} vom {date} ist neuer als dieses. Änderungen:</translation>
    </message>
    <message>
        <source>{done} of {total} are here.</source>
        <translation>{done} von {total} sind da.</translation>
    </message>
    <message>
        <source>It is put into {folder}. Nothing is installed by itself.</source>
        <translation>Die Datei kommt nach {folder}. Nichts wird von selbst installiert.</translation>
    </message>
    <message>
        <source>It has no file for this computer ({platform}).</source>
        <translation>Für diesen Computer ({platform}) ist keine Datei dabei.</translation>
    </message>
    <message>
        <source>Download {name}, {size}</source>
        <translation>{name} herunterladen, {size}</translation>
    </message>
</context>
<context>
    <name>UseIt</name>
    <message>
        <source>One file for llama.cpp and what builds on it, also smaller in fewer bits.</source>
        <translation>Eine Datei für llama.cpp und alles, was darauf aufbaut; mit weniger Bits auch kleiner.</translation>
    </message>
    <message>
        <source>The folder that transformers, vLLM and others open.</source>
        <translation>Der Ordner, den transformers, vLLM und andere öffnen.</translation>
    </message>
    <message>
        <source>What was learnt alone, without the model under it.</source>
        <translation>Nur das Gelernte, ohne das Modell darunter.</translation>
    </message>
    <message>
        <source>A GGUF with its Modelfile and the command that imports it.</source>
        <translation>Eine GGUF-Datei samt Modelfile und dem Befehl, der sie importiert.</translation>
    </message>
    <message>
        <source>One program that runs the model; it needs the llamafile runner.</source>
        <translation>Ein einziges Programm, in dem das Modell läuft; dafür braucht es den llamafile-Runner.</translation>
    </message>
    <message>
        <source>A folder for servers, and to train on with several graphics cards.</source>
        <translation>Ein Ordner für Server und für Training mit mehreren Grafikkarten.</translation>
    </message>
    <message>
        <source>Compare with its parent</source>
        <translation>Mit dem Ausgangsmodell vergleichen</translation>
    </message>
    <message>
        <source>Ask both the same, and read their answers side by side.</source>
        <translation>Beide dasselbe fragen und ihre Antworten nebeneinander lesen.</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>The same training once more, as a new run.</source>
        <translation>Dasselbe Training noch einmal, als neuer Lauf.</translation>
    </message>
    <message>
        <source>Repeat with one value changed…</source>
        <translation>Mit einem geänderten Wert wiederholen…</translation>
    </message>
    <message>
        <source>Take it elsewhere:</source>
        <translation>Anderswo verwenden:</translation>
    </message>
    <message>
        <source>Chat with it</source>
        <translation>Damit chatten</translation>
    </message>
    <message>
        <source>Label texts with it</source>
        <translation>Texte damit einordnen</translation>
    </message>
    <message>
        <source>GGUF file…</source>
        <translation>GGUF-Datei…</translation>
    </message>
    <message>
        <source>Model folder…</source>
        <translation>Modellordner…</translation>
    </message>
    <message>
        <source>Adapter…</source>
        <translation>Adapter…</translation>
    </message>
    <message>
        <source>Ollama…</source>
        <translation>Ollama…</translation>
    </message>
    <message>
        <source>llamafile…</source>
        <translation>llamafile…</translation>
    </message>
    <message>
        <source>Servers and several cards…</source>
        <translation>Server und mehrere Karten…</translation>
    </message>
</context>
<context>
    <name>Uses</name>
    <message>
        <source>Getting the model of step {step} ready.</source>
        <translation>Das Modell von Schritt {step} wird vorbereitet.</translation>
    </message>
</context>
<context>
    <name>WatchView</name>
    <message>
        <source>Use it</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>What it writes</source>
        <translation>Was es schreibt</translation>
    </message>
    <message>
        <source>What it confuses</source>
        <translation>Was es verwechselt</translation>
    </message>
    <message>
        <source>Checkpoints</source>
        <translation>Checkpoints</translation>
    </message>
    <message>
        <source>Choose a run to see how it went.</source>
        <translation>Wähle einen Lauf, um zu sehen, wie er verlief.</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>What shall we talk about?</source>
        <translation>Worüber wollen wir reden?</translation>
    </message>
    <message>
        <source>Tell me a story about a little fox.</source>
        <translation>Tell me a story about a little fox.</translation>
    </message>
    <message>
        <source>Write a short story about a rainy day.</source>
        <translation>Write a short story about a rainy day.</translation>
    </message>
    <message>
        <source>Tell me about a girl who finds a seed.</source>
        <translation>Tell me about a girl who finds a seed.</translation>
    </message>
    <message>
        <source>Everything stays on this computer. No account, no telemetry.</source>
        <translation>Alles bleibt auf diesem Computer. Kein Konto, keine Telemetrie.</translation>
    </message>
    <message>
        <source>The chat is kept on this computer. No account, no telemetry.</source>
        <translation>Der Chat wird auf diesem Computer aufbewahrt. Kein Konto, keine Telemetrie.</translation>
    </message>
    <message>
        <source>{name} will answer. It is asked when you send a message.</source>
        <translation>{name} antwortet. Es wird gefragt, sobald du eine Nachricht sendest.</translation>
    </message>
    <message>
        <source>{name} is ready: a small model that came with Seedling. It needs no network.</source>
        <translation>{name} ist bereit: ein kleines Modell, das mit Seedling kam. Es spricht Englisch und braucht kein Netz.</translation>
    </message>
    <message>
        <source>{name} will answer. It runs on this computer and needs no network.</source>
        <translation>{name} antwortet. Es läuft auf diesem Computer und braucht kein Netz.</translation>
    </message>
</context>
<context>
    <name>_Entry</name>
    <message>
        <source>Show or hide this line</source>
        <translation>Diese Linie ein- oder ausblenden</translation>
    </message>
</context>
<context>
    <name>_FoundList</name>
    <message>
        <source>Models that were found</source>
        <translation>Gefundene Modelle</translation>
    </message>
</context>
<context>
    <name>_MoveDialog</name>
    <message>
        <source>Moving the chats to {place}</source>
        <translation>Chats ziehen nach {place} um</translation>
    </message>
    <message>
        <source>Leave them where they are</source>
        <translation>Lassen, wo sie sind</translation>
    </message>
</context>
<context>
    <name>_PriceTable</name>
    <message>
        <source>Prices</source>
        <translation>Preise</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Cached</source>
        <translation>Aus Cache</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>Währung</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>you</source>
        <translation>dir</translation>
    </message>
    <message>
        <source>Seedling</source>
        <translation>Seedling</translation>
    </message>
    <message>
        <source>up to {count} tokens</source>
        <translation>bis zu {count} Token</translation>
    </message>
</context>
<context>
    <name>_Row</name>
    <message>
        <source>Choose it to talk to two: {checkpoint}</source>
        <translation>Auswählen, um mit zweien zu reden: {checkpoint}</translation>
    </message>
    <message>
        <source>Talk to it</source>
        <translation>Damit reden</translation>
    </message>
    <message>
        <source>Talk to it: {checkpoint}</source>
        <translation>Damit reden: {checkpoint}</translation>
    </message>
    <message>
        <source>Beside its parent</source>
        <translation>Neben Ausgangsmodell</translation>
    </message>
    <message>
        <source>Talk to it beside its parent: {checkpoint}</source>
        <translation>Neben dem Ausgangsmodell damit reden: {checkpoint}</translation>
    </message>
</context>
<context>
    <name>_Veil</name>
    <message>
        <source>Drop it to see what can be learnt from it</source>
        <translation>Lass los, um zu sehen, was sich daraus lernen lässt</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>Chats</source>
        <translation>Chats</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>Nachrichten</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Search the chats</source>
        <translation>Chats durchsuchen</translation>
    </message>
    <message>
        <source>Next chat</source>
        <translation>Nächster Chat</translation>
    </message>
    <message>
        <source>Previous chat</source>
        <translation>Voriger Chat</translation>
    </message>
    <message>
        <source>Rename this chat</source>
        <translation>Diesen Chat umbenennen</translation>
    </message>
    <message>
        <source>Delete this chat…</source>
        <translation>Diesen Chat löschen…</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Find in this chat</source>
        <translation>In diesem Chat suchen</translation>
    </message>
    <message>
        <source>Find next</source>
        <translation>Nächste Stelle</translation>
    </message>
    <message>
        <source>Find previous</source>
        <translation>Vorige Stelle</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>Nachricht schreiben</translation>
    </message>
    <message>
        <source>Stop the reply, or close the find bar</source>
        <translation>Antwort anhalten oder Suchleiste schließen</translation>
    </message>
    <message>
        <source>Write the last reply again</source>
        <translation>Letzte Antwort neu schreiben</translation>
    </message>
    <message>
        <source>Continue the last reply</source>
        <translation>Letzte Antwort fortsetzen</translation>
    </message>
    <message>
        <source>Edit your last message</source>
        <translation>Deine letzte Nachricht bearbeiten</translation>
    </message>
    <message>
        <source>Copy the last reply</source>
        <translation>Letzte Antwort kopieren</translation>
    </message>
    <message>
        <source>Copy the last block of code</source>
        <translation>Letzten Codeblock kopieren</translation>
    </message>
    <message>
        <source>Train on a file…</source>
        <translation>Mit einer Datei trainieren…</translation>
    </message>
    <message>
        <source>Find anything to do</source>
        <translation>Alles finden, was sich tun lässt</translation>
    </message>
    <message>
        <source>Show or hide the chats</source>
        <translation>Chats ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Show or hide the side panel</source>
        <translation>Seitenleiste ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Next theme</source>
        <translation>Nächste Farben</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>Größere Schrift</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>Kleinere Schrift</translation>
    </message>
    <message>
        <source>Text in its usual size</source>
        <translation>Schrift in üblicher Größe</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>Problem melden…</translation>
    </message>
    <message>
        <source>About Seedling</source>
        <translation>Über Seedling</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Show a page</source>
        <translation>Seite zeigen</translation>
    </message>
</context>
<context>
    <name>actions of a message</name>
    <message>
        <source>Copy message</source>
        <translation>Nachricht kopieren</translation>
    </message>
    <message>
        <source>Copy what it thought</source>
        <translation>Kopieren, was es dachte</translation>
    </message>
    <message>
        <source>Edit message</source>
        <translation>Nachricht bearbeiten</translation>
    </message>
    <message>
        <source>Write the reply again</source>
        <translation>Antwort neu schreiben</translation>
    </message>
    <message>
        <source>Continue the reply</source>
        <translation>Antwort fortsetzen</translation>
    </message>
    <message>
        <source>Delete message</source>
        <translation>Nachricht löschen</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>Vorige Fassung</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>Nächste Fassung</translation>
    </message>
</context>
<context>
    <name>catalogue</name>
    <message>
        <source>Trying things out, and learning to finetune in minutes; too small to rely on.</source>
        <translation>Zum Ausprobieren, und um in Minuten anpassen zu lernen; zu klein, um sich darauf zu verlassen.</translation>
    </message>
    <message>
        <source>Short rewriting and sorting of English text on any computer, and quick finetuning.</source>
        <translation>Kurzes Umschreiben und Sortieren englischer Texte auf jedem Computer, und schnelles Anpassen.</translation>
    </message>
    <message>
        <source>A base for finetuning on one narrow task in many languages.</source>
        <translation>Eine Grundlage, um in vielen Sprachen auf eine enge Aufgabe anzupassen.</translation>
    </message>
    <message>
        <source>The smallest model that thinks before it answers, and a quick one to finetune.</source>
        <translation>Das kleinste Modell, das vor der Antwort nachdenkt, und schnell anzupassen.</translation>
    </message>
    <message>
        <source>A model whose training data is public, to study and to finetune.</source>
        <translation>Ein Modell, dessen Trainingsdaten öffentlich sind, zum Erforschen und Anpassen.</translation>
    </message>
    <message>
        <source>Quick answers and translations on a small computer, and finetuning.</source>
        <translation>Schnelle Antworten und Übersetzungen auf einem kleinen Computer, und Anpassen.</translation>
    </message>
    <message>
        <source>Summaries and short texts in English on a small computer.</source>
        <translation>Zusammenfassungen und kurze Texte auf Englisch, auf einem kleinen Computer.</translation>
    </message>
    <message>
        <source>Everyday questions in many languages on a small computer.</source>
        <translation>Alltägliche Fragen in vielen Sprachen, auf einem kleinen Computer.</translation>
    </message>
    <message>
        <source>Mathematics by thinking aloud, on a small computer.</source>
        <translation>Mathematik durch lautes Denken, auf einem kleinen Computer.</translation>
    </message>
    <message>
        <source>Everyday questions and long texts on a small computer.</source>
        <translation>Alltägliche Fragen und lange Texte, auf einem kleinen Computer.</translation>
    </message>
    <message>
        <source>Questions and longer documents in six European languages, with thinking when asked.</source>
        <translation>Fragen und längere Dokumente in sechs europäischen Sprachen, auf Wunsch mit Nachdenken.</translation>
    </message>
    <message>
        <source>Extracting, sorting and summarising business text in twelve languages.</source>
        <translation>Herausziehen, Sortieren und Zusammenfassen geschäftlicher Texte in zwölf Sprachen.</translation>
    </message>
    <message>
        <source>Conversation and tools in eleven languages on a laptop.</source>
        <translation>Gespräche und Werkzeuge in elf Sprachen, auf einem Laptop.</translation>
    </message>
    <message>
        <source>Sums, logic and short texts on a laptop.</source>
        <translation>Rechnen, Logik und kurze Texte, auf einem Laptop.</translation>
    </message>
    <message>
        <source>A good first model for a laptop: questions, summaries and translations, without thinking aloud.</source>
        <translation>Ein gutes erstes Modell für einen Laptop: Fragen, Zusammenfassungen und Übersetzungen, ohne lautes Denken.</translation>
    </message>
    <message>
        <source>Questions, reasoning and long texts on an ordinary laptop.</source>
        <translation>Fragen, Schlussfolgern und lange Texte, auf einem gewöhnlichen Laptop.</translation>
    </message>
    <message>
        <source>Pleasant conversation in very many languages on a small computer.</source>
        <translation>Angenehme Gespräche in sehr vielen Sprachen, auf einem kleinen Computer.</translation>
    </message>
    <message>
        <source>Very long documents, quick even without a graphics card.</source>
        <translation>Sehr lange Dokumente, schnell auch ohne Grafikkarte.</translation>
    </message>
    <message>
        <source>A well-known model to finetune and to compare with.</source>
        <translation>Ein bekanntes Modell zum Anpassen und Vergleichen.</translation>
    </message>
    <message>
        <source>Open from data to weights: English text and research.</source>
        <translation>Offen von den Daten bis zu den Gewichten: englische Texte und Forschung.</translation>
    </message>
    <message>
        <source>Writing, explaining and completing code.</source>
        <translation>Code schreiben, erklären und vervollständigen.</translation>
    </message>
    <message>
        <source>Conversation, writing and translation in very many languages on a laptop.</source>
        <translation>Gespräche, Schreiben und Übersetzen in sehr vielen Sprachen, auf einem Laptop.</translation>
    </message>
    <message>
        <source>Made in public from open data in more than a thousand languages.</source>
        <translation>Öffentlich entstanden aus offenen Daten in mehr als tausend Sprachen.</translation>
    </message>
    <message>
        <source>Harder questions in many languages, with thinking when asked.</source>
        <translation>Schwerere Fragen in vielen Sprachen, auf Wunsch mit Nachdenken.</translation>
    </message>
    <message>
        <source>Writing, documents and tools in eleven languages.</source>
        <translation>Schreiben, Dokumente und Werkzeuge in elf Sprachen.</translation>
    </message>
    <message>
        <source>Reasoning, tools and long texts with 16 GB of memory.</source>
        <translation>Schlussfolgern, Werkzeuge und lange Texte mit 16 GB Speicher.</translation>
    </message>
    <message>
        <source>Translation and conversation in all official languages of the European Union and eleven more.</source>
        <translation>Übersetzungen und Gespräche in allen Amtssprachen der Europäischen Union und elf weiteren.</translation>
    </message>
    <message>
        <source>Longer work with documents and tools in eleven languages.</source>
        <translation>Längere Arbeit mit Dokumenten und Werkzeugen in elf Sprachen.</translation>
    </message>
    <message>
        <source>Mathematics and careful English answers.</source>
        <translation>Mathematik und sorgfältige englische Antworten.</translation>
    </message>
    <message>
        <source>Demanding writing and reasoning in many languages where there is time or a graphics card.</source>
        <translation>Anspruchsvolles Schreiben und Schlussfolgern in vielen Sprachen, wo Zeit oder eine Grafikkarte da ist.</translation>
    </message>
    <message>
        <source>Reasoning and tools in English, quick for its size.</source>
        <translation>Schlussfolgern und Werkzeuge auf Englisch, schnell für seine Größe.</translation>
    </message>
    <message>
        <source>Writing and tools in twenty-four languages where 32 GB of memory are there.</source>
        <translation>Schreiben und Werkzeuge in vierundzwanzig Sprachen, wo 32 GB Speicher da sind.</translation>
    </message>
    <message>
        <source>Writing and reasoning of a large model at the speed of a small one.</source>
        <translation>Schreiben und Schlussfolgern eines großen Modells im Tempo eines kleinen.</translation>
    </message>
    <message>
        <source>Programming and work in many steps, best with a graphics card.</source>
        <translation>Programmieren und Arbeit in vielen Schritten, am besten mit Grafikkarte.</translation>
    </message>
    <message>
        <source>The answers of a large model at the speed of a small one, where 32 GB of memory are there.</source>
        <translation>Die Antworten eines großen Modells im Tempo eines kleinen, wo 32 GB Speicher da sind.</translation>
    </message>
    <message>
        <source>Programming over many files, quick for its size.</source>
        <translation>Programmieren über viele Dateien, schnell für seine Größe.</translation>
    </message>
</context>
<context>
    <name>discover</name>
    <message>
        <source>terms to accept</source>
        <translation>Zustimmung nötig</translation>
    </message>
    <message>
        <source>{count} downloads</source>
        <translation>{count} Downloads</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>passt</translation>
    </message>
    <message>
        <source>may be slow</source>
        <translation>vielleicht langsam</translation>
    </message>
    <message>
        <source>will not fit</source>
        <translation>passt nicht</translation>
    </message>
    <message>
        <source>fits on {card}</source>
        <translation>passt auf {card}</translation>
    </message>
    <message>
        <source>fits in part on {card}</source>
        <translation>passt teilweise auf {card}</translation>
    </message>
    <message>
        <source>no room on {card}</source>
        <translation>kein Platz auf {card}</translation>
    </message>
    <message>
        <source>Model folder, to train on</source>
        <translation>Modellordner, zum Trainieren</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>{count} s left</source>
        <translation>noch {count} s</translation>
    </message>
    <message>
        <source>about {count} min left</source>
        <translation>noch etwa {count} min</translation>
    </message>
    <message>
        <source>about {count} h left</source>
        <translation>noch etwa {count} h</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation>{size}/s</translation>
    </message>
</context>
<context>
    <name>engine</name>
    <message>
        <source>Something went wrong inside Seedling.</source>
        <translation>In Seedling ist etwas schiefgegangen.</translation>
    </message>
    <message>
        <source>The log has the details.</source>
        <translation>Die Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
        <source>{place} cannot be read: {reason}.</source>
        <translation>{place} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>The disk is full: {place} could not be written.</source>
        <translation>Der Datenträger ist voll: {place} ließ sich nicht schreiben.</translation>
    </message>
    <message>
        <source>Free some space and try again.</source>
        <translation>Schaff Platz und versuch es noch einmal.</translation>
    </message>
    <message>
        <source>No permission to open {place}.</source>
        <translation>Dir fehlt das Recht, {place} zu öffnen.</translation>
    </message>
    <message>
        <source>Give yourself that permission, or choose another place.</source>
        <translation>Gib dir dieses Recht, oder wähle einen anderen Ort.</translation>
    </message>
    <message>
        <source>{place} does not exist.</source>
        <translation>{place} gibt es nicht.</translation>
    </message>
    <message>
        <source>The system has no trash for {place}, so nothing was deleted.</source>
        <translation>Das System hat keinen Papierkorb für {place}, darum wurde nichts gelöscht.</translation>
    </message>
    <message>
        <source>Delete the folder in the file manager if you no longer want it.</source>
        <translation>Lösche den Ordner im Dateimanager, wenn du ihn nicht mehr willst.</translation>
    </message>
    <message>
        <source>{place}: {reason}.</source>
        <translation>{place}: {reason}.</translation>
    </message>
    <message>
        <source>There is not enough memory for this.</source>
        <translation>Dafür reicht der Speicher nicht.</translation>
    </message>
    <message>
        <source>Choose a smaller model or close other programs.</source>
        <translation>Wähle ein kleineres Modell, oder schließ andere Programme.</translation>
    </message>
    <message>
        <source>{name} needs about {needed} of memory, and a model may take {limit} here.</source>
        <translation>{name} braucht etwa {needed} Speicher, und hier darf ein Modell {limit} nehmen.</translation>
    </message>
    <message>
        <source>Choose a smaller model or a smaller context, or raise the memory for a model in the settings (memory_percent is {percent}).</source>
        <translation>Wähle ein kleineres Modell oder einen kleineren Kontext, oder erhöhe in den Einstellungen den Speicher für ein Modell (memory_percent ist {percent}).</translation>
    </message>
    <message>
        <source>The worker does not know the job {job}.</source>
        <translation>Der Arbeitsprozess kennt die Aufgabe {job} nicht.</translation>
    </message>
    <message>
        <source>{reason}.</source>
        <translation>{reason}.</translation>
    </message>
    <message>
        <source>{place} is an adapter, which changes another model and is none itself.</source>
        <translation>{place} ist ein Adapter; er ändert ein anderes Modell und ist selbst keines.</translation>
    </message>
    <message>
        <source>Open the model it was made for, and choose it among the adapters in that model&apos;s settings.</source>
        <translation>Öffne das Modell, für das er gemacht ist, und wähle ihn in dessen Einstellungen unter den Adaptern.</translation>
    </message>
    <message>
        <source>{place} holds an adapter for {base}, which is not on this computer.</source>
        <translation>{place} enthält einen Adapter für {base}, und dieses Modell ist nicht auf diesem Computer.</translation>
    </message>
    <message>
        <source>Add that model to the library under this name, or correct base_model_name_or_path in adapter_config.json.</source>
        <translation>Füge das Modell der Bibliothek unter diesem Namen hinzu, oder berichtige base_model_name_or_path in adapter_config.json.</translation>
    </message>
    <message>
        <source>A model&apos;s name has 1 to {longest} characters that can be printed.</source>
        <translation>Der Name eines Modells hat 1 bis {longest} druckbare Zeichen.</translation>
    </message>
    <message>
        <source>Another model is being copied.</source>
        <translation>Ein anderes Modell wird gerade kopiert.</translation>
    </message>
    <message>
        <source>Try again when that is done.</source>
        <translation>Versuch es noch einmal, wenn das fertig ist.</translation>
    </message>
    <message>
        <source>{place} is empty.</source>
        <translation>{place} ist leer.</translation>
    </message>
    <message>
        <source>Download or export it again.</source>
        <translation>Noch einmal herunterladen oder exportieren.</translation>
    </message>
    <message>
        <source>{place} is larger than {limit:,} bytes, far more than such a file has.</source>
        <translation>{place} ist größer als {limit:,} Byte; so groß wird eine solche Datei nie.</translation>
    </message>
    <message>
        <source>{place} is a model folder, which llama.cpp cannot open.</source>
        <translation>{place} ist ein Modellordner, und den kann llama.cpp nicht öffnen.</translation>
    </message>
    <message>
        <source>Use the backend gpt, or export it first: seedling export FOLDER OUT.gguf --to gguf</source>
        <translation>Verwende das Backend gpt, oder exportiere ihn zuerst: seedling export FOLDER OUT.gguf --to gguf</translation>
    </message>
    <message>
        <source>{place} holds no config.json, so it is not a model folder.</source>
        <translation>{place} enthält keine config.json und ist darum kein Modellordner.</translation>
    </message>
    <message>
        <source>Choose the folder in which config.json lies.</source>
        <translation>Wähle den Ordner, in dem config.json liegt.</translation>
    </message>
    <message>
        <source>{place} is a GGUF file, which only the backend llama opens.</source>
        <translation>{place} ist eine GGUF-Datei, und die öffnet nur das Backend llama.</translation>
    </message>
    <message>
        <source>{place} is not what Jan writes: {reason}.</source>
        <translation>{place} ist nicht so, wie Jan es schreibt: {reason}.</translation>
    </message>
    <message>
        <source>Import the model in Jan again.</source>
        <translation>Importiere das Modell in Jan neu.</translation>
    </message>
    <message>
        <source>{place} is a link that leads back to itself.</source>
        <translation>{place} ist eine Verknüpfung, die auf sich selbst zurückführt.</translation>
    </message>
    <message>
        <source>{place} is a link to something that does not exist.</source>
        <translation>{place} ist eine Verknüpfung auf etwas, das es nicht gibt.</translation>
    </message>
    <message>
        <source>Another Seedling is writing the list of models.</source>
        <translation>Ein anderes Seedling schreibt gerade die Liste der Modelle.</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>Versuch es gleich noch einmal.</translation>
    </message>
    <message>
        <source>{name} belongs to Seedling and stays on the list.</source>
        <translation>{name} gehört zu Seedling und bleibt auf der Liste.</translation>
    </message>
    <message>
        <source>{name} has changed: {files}.</source>
        <translation>{name} hat sich geändert: {files}.</translation>
    </message>
    <message>
        <source>If you did that, add it again. Else its disk may be failing: get it anew.</source>
        <translation>Wenn du das warst, füge es neu hinzu. Sonst ist vielleicht der Datenträger defekt: Hol es neu.</translation>
    </message>
    <message>
        <source>{name} is not what it was: {files} changed.</source>
        <translation>{name} ist nicht mehr, was es war; geändert: {files}.</translation>
    </message>
    <message>
        <source>Fetch it again with: {command}</source>
        <translation>Hol es neu mit: {command}</translation>
    </message>
    <message>
        <source>{place} is not there any more.</source>
        <translation>{place} ist nicht mehr da.</translation>
    </message>
    <message>
        <source>Connect its disk or put it back, or remove it from the list.</source>
        <translation>Schließ den Datenträger an, leg es zurück, oder entferne es von der Liste.</translation>
    </message>
    <message>
        <source>Another model is called {name}.</source>
        <translation>Ein anderes Modell heißt schon {name}.</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>Wähle einen anderen Namen.</translation>
    </message>
    <message>
        <source>{name} runs at {provider}, and none of its files are here.</source>
        <translation>{name} läuft bei {provider}; keine seiner Dateien ist hier.</translation>
    </message>
    <message>
        <source>You can chat with it; for anything else choose a model on this computer.</source>
        <translation>Du kannst damit chatten; für alles andere wähle ein Modell auf diesem Computer.</translation>
    </message>
    <message>
        <source>{name} cannot be opened: {problem}</source>
        <translation>{name} lässt sich nicht öffnen: {problem}</translation>
    </message>
    <message>
        <source>{name} has no weights in its folder.</source>
        <translation>Im Ordner von {name} sind keine Gewichte.</translation>
    </message>
    <message>
        <source>Download the model again, with its weights.</source>
        <translation>Lade das Modell noch einmal herunter, mit seinen Gewichten.</translation>
    </message>
    <message>
        <source>{place} is not an ordinary file.</source>
        <translation>{place} ist keine gewöhnliche Datei.</translation>
    </message>
    <message>
        <source>{name} was not put on this computer by Seedling, so Seedling does not delete it.</source>
        <translation>{name} kam nicht durch Seedling auf diesen Computer, darum löscht Seedling es nicht.</translation>
    </message>
    <message>
        <source>Remove it from the list, and delete its files yourself.</source>
        <translation>Entferne es von der Liste, und lösche seine Dateien selbst.</translation>
    </message>
    <message>
        <source>{place} is not a model that Seedling opens.</source>
        <translation>{place} ist kein Modell, das Seedling öffnet.</translation>
    </message>
    <message>
        <source>It opens GGUF files and model folders.</source>
        <translation>Es öffnet GGUF-Dateien und Modellordner.</translation>
    </message>
    <message>
        <source>{name} lacks its file {file} in Ollama&apos;s store.</source>
        <translation>Bei {name} fehlt in der Ablage von Ollama die Datei {file}.</translation>
    </message>
    <message>
        <source>Get it with `ollama pull {name}`.</source>
        <translation>Hol sie mit `ollama pull {name}`.</translation>
    </message>
    <message>
        <source>{name} is in a form only Ollama opens.</source>
        <translation>{name} hat ein Format, das nur Ollama öffnet.</translation>
    </message>
    <message>
        <source>Choose one of its variants in GGUF.</source>
        <translation>Wähle eine seiner Varianten in GGUF.</translation>
    </message>
    <message>
        <source>{place} is not what Ollama writes: {reason}.</source>
        <translation>{place} ist nicht so, wie Ollama es schreibt: {reason}.</translation>
    </message>
    <message>
        <source>Get the model with `ollama pull`.</source>
        <translation>Hol das Modell mit `ollama pull`.</translation>
    </message>
    <message>
        <source>{place} holds several GGUF files.</source>
        <translation>{place} enthält mehrere GGUF-Dateien.</translation>
    </message>
    <message>
        <source>Choose one of them, such as {example}.</source>
        <translation>Wähle eine davon, etwa {example}.</translation>
    </message>
    <message>
        <source>This copy of Seedling came without its starter model.</source>
        <translation>Diesem Seedling fehlt sein Startmodell.</translation>
    </message>
    <message>
        <source>Installing it again may help.</source>
        <translation>Vielleicht hilft es, Seedling neu zu installieren.</translation>
    </message>
    <message>
        <source>{place} holds more than {limit:,} files, and the rest was not looked at.</source>
        <translation>{place} enthält mehr als {limit:,} Dateien; der Rest wurde nicht durchgesehen.</translation>
    </message>
    <message>
        <source>Name the folder that the models lie in.</source>
        <translation>Nenne den Ordner, in dem die Modelle liegen.</translation>
    </message>
    <message>
        <source>There is no backend {backend}.</source>
        <translation>Es gibt kein Backend {backend}.</translation>
    </message>
    <message>
        <source>Models on this machine are opened by {known}.</source>
        <translation>Auf diesem Computer gibt es dafür {known}.</translation>
    </message>
    <message>
        <source>There is no model called {name}.</source>
        <translation>Es gibt kein Modell namens {name}.</translation>
    </message>
    <message>
        <source>The list of models shows what there is.</source>
        <translation>Die Liste der Modelle zeigt, was da ist.</translation>
    </message>
    <message>
        <source>{place} holds weights alone.</source>
        <translation>{place} enthält nur Gewichte.</translation>
    </message>
    <message>
        <source>Choose the folder in which they lie beside config.json and tokenizer.json.</source>
        <translation>Wähle den Ordner, in dem sie neben config.json und tokenizer.json liegen.</translation>
    </message>
    <message>
        <source>{name} is {address}, which is no address.</source>
        <translation>Bei {name} steht {address}, und das ist keine Adresse.</translation>
    </message>
    <message>
        <source>Correct it in the settings.</source>
        <translation>Berichtige sie in den Einstellungen.</translation>
    </message>
    <message>
        <source>The hub keeps changing what it has of {repo}.</source>
        <translation>Was der Hub von {repo} hat, ändert sich immerzu.</translation>
    </message>
    <message>
        <source>What is here is kept; try again later.</source>
        <translation>Was hier ist, bleibt erhalten; versuch es später noch einmal.</translation>
    </message>
    <message>
        <source>The disk is full, so the download of {repo} is paused; {needed} are missing.</source>
        <translation>Der Datenträger ist voll, darum pausiert der Download von {repo}; es fehlen {needed}.</translation>
    </message>
    <message>
        <source>Free some space and start it again; what is here is kept.</source>
        <translation>Schaff Platz und starte ihn wieder; was hier ist, bleibt erhalten.</translation>
    </message>
    <message>
        <source>{repo} needs {needed} more, and {free} are free in {place} beside what other downloads still need.</source>
        <translation>{repo} braucht noch {needed}, und in {place} sind neben dem Bedarf anderer Downloads {free} frei.</translation>
    </message>
    <message>
        <source>Free some space first; nothing was fetched.</source>
        <translation>Schaff erst Platz; es wurde nichts geholt.</translation>
    </message>
    <message>
        <source>{repo} is being downloaded or deleted already.</source>
        <translation>{repo} wird schon heruntergeladen oder gelöscht.</translation>
    </message>
    <message>
        <source>Wait until that is done.</source>
        <translation>Warte, bis das fertig ist.</translation>
    </message>
    <message>
        <source>{file} of {repo} came with wrong bytes {times} times, so it was not kept.</source>
        <translation>{file} von {repo} kam {times} Mal fehlerhaft an und wurde darum nicht behalten.</translation>
    </message>
    <message>
        <source>Try again later, or from another network.</source>
        <translation>Versuch es später noch einmal, oder von einem anderen Netz aus.</translation>
    </message>
    <message>
        <source>The repository holds the file {file}, {reason}.</source>
        <translation>Das Repository enthält die Datei {file}, {reason}.</translation>
    </message>
    <message>
        <source>Nothing was downloaded; choose another repository.</source>
        <translation>Nichts wurde heruntergeladen; wähle ein anderes Repository.</translation>
    </message>
    <message>
        <source>{name} is set, so the hub is not asked.</source>
        <translation>{name} ist gesetzt, darum wird der Hub nicht gefragt.</translation>
    </message>
    <message>
        <source>Unset it to download.</source>
        <translation>Hebe das auf, um herunterzuladen.</translation>
    </message>
    <message>
        <source>{host} refused this with the answer {status}.</source>
        <translation>{host} hat das mit der Antwort {status} abgelehnt.</translation>
    </message>
    <message>
        <source>Try again later.</source>
        <translation>Versuch es später noch einmal.</translation>
    </message>
    <message>
        <source>What {host} answered is not what the Hugging Face Hub would say.</source>
        <translation>Was {host} geantwortet hat, käme so nicht vom Hugging Face Hub.</translation>
    </message>
    <message>
        <source>Check hub_endpoint and the proxy in the settings.</source>
        <translation>Prüfe hub_endpoint und den Proxy in den Einstellungen.</translation>
    </message>
    <message>
        <source>{host} does not know the token it was given.</source>
        <translation>{host} kennt das angegebene Token nicht.</translation>
    </message>
    <message>
        <source>Enter another one, or none.</source>
        <translation>Gib ein anderes ein, oder keines.</translation>
    </message>
    <message>
        <source>{host} cannot be reached: {reason}.</source>
        <translation>{host} ist nicht erreichbar: {reason}.</translation>
    </message>
    <message>
        <source>Check the connection and try again; a download goes on where it stopped.</source>
        <translation>Prüfe die Verbindung und versuch es noch einmal; ein Download geht dort weiter, wo er war.</translation>
    </message>
    <message>
        <source>{place} is a link to another place, so nothing is written there.</source>
        <translation>{place} ist eine Verknüpfung an einen anderen Ort, darum wird dort nichts geschrieben.</translation>
    </message>
    <message>
        <source>Remove the link and try again.</source>
        <translation>Entferne die Verknüpfung und versuch es noch einmal.</translation>
    </message>
    <message>
        <source>{host} leads to {target}, where nothing is fetched from.</source>
        <translation>{host} verweist auf {target}, und von dort wird nichts geholt.</translation>
    </message>
    <message>
        <source>Choose another source.</source>
        <translation>Wähle eine andere Quelle.</translation>
    </message>
    <message>
        <source>{repo} holds no file {file}.</source>
        <translation>{repo} enthält keine Datei {file}.</translation>
    </message>
    <message>
        <source>Its page lists what there is.</source>
        <translation>Auf seiner Seite steht, was es gibt.</translation>
    </message>
    <message>
        <source>{repo} is only for those whom its owner lets in.</source>
        <translation>{repo} steht nur denen offen, die der Eigentümer zulässt.</translation>
    </message>
    <message>
        <source>Ask for access on {page}, then enter a token of your account.</source>
        <translation>Bitte auf {page} um Zugang, und gib dann ein Token deines Kontos ein.</translation>
    </message>
    <message>
        <source>{host} has no repository {repo}, or it is private.</source>
        <translation>Bei {host} gibt es kein Repository {repo}, oder es ist privat.</translation>
    </message>
    <message>
        <source>Check the name, or enter a token that may read it.</source>
        <translation>Prüfe den Namen, oder gib ein Token ein, mit dem man es lesen darf.</translation>
    </message>
    <message>
        <source>{name} is no name of a repository.</source>
        <translation>{name} ist kein Name eines Repositorys.</translation>
    </message>
    <message>
        <source>Write it as organisation/name.</source>
        <translation>Schreib ihn als organisation/name.</translation>
    </message>
    <message>
        <source>{repo} holds no Parquet files and no JSON lines.</source>
        <translation>{repo} enthält weder Parquet-Dateien noch JSON Lines.</translation>
    </message>
    <message>
        <source>Choose another dataset.</source>
        <translation>Wähle einen anderen Datensatz.</translation>
    </message>
    <message>
        <source>{repo} holds no weights that Seedling opens: neither GGUF nor a folder with safetensors.</source>
        <translation>{repo} enthält keine Gewichte, die Seedling öffnet: weder GGUF noch einen Ordner mit safetensors.</translation>
    </message>
    <message>
        <source>Choose another repository.</source>
        <translation>Wähle ein anderes Repository.</translation>
    </message>
    <message>
        <source>{repo} holds several GGUF models: {files}.</source>
        <translation>{repo} enthält mehrere GGUF-Modelle: {files}.</translation>
    </message>
    <message>
        <source>Choose one: REPO:FILE</source>
        <translation>Wähle eines: REPO:FILE</translation>
    </message>
    <message>
        <source>{repo} has no revision {revision}.</source>
        <translation>{repo} hat keine Revision {revision}.</translation>
    </message>
    <message>
        <source>The usual one is main.</source>
        <translation>Üblich ist main.</translation>
    </message>
    <message>
        <source>There is no download {id}.</source>
        <translation>Es gibt keinen Download {id}.</translation>
    </message>
    <message>
        <source>The adapter&apos;s tensor {tensor} belongs to another model, or to an adapter of other size.</source>
        <translation>Der Tensor {tensor} des Adapters gehört zu einem anderen Modell oder zu einem Adapter anderer Größe.</translation>
    </message>
    <message>
        <source>{place}: the tensor {tensor} does not fit the adapter&apos;s model: {reason}.</source>
        <translation>{place}: Der Tensor {tensor} passt nicht zum Modell des Adapters: {reason}.</translation>
    </message>
    <message>
        <source>Choose the model it was made for.</source>
        <translation>Wähle das Modell, für das er gemacht ist.</translation>
    </message>
    <message>
        <source>{place}: {field} is {value}, which Seedling&apos;s adapters do not have.</source>
        <translation>{place}: {field} ist {value}; das gibt es bei Seedlings Adaptern nicht.</translation>
    </message>
    <message>
        <source>Merge it into its model with peft (merge_and_unload), and open the merged model.</source>
        <translation>Rechne ihn mit peft in sein Modell ein (merge_and_unload), und öffne das fertige Modell.</translation>
    </message>
    <message>
        <source>{place}: {field} {reason}.</source>
        <translation>{place}: {field} {reason}.</translation>
    </message>
    <message>
        <source>{place} is not valid JSON: {reason}.</source>
        <translation>{place} ist kein gültiges JSON: {reason}.</translation>
    </message>
    <message>
        <source>Correct it, or get it again from where it came.</source>
        <translation>Berichtige die Datei, oder hol sie neu von dort, wo sie herkam.</translation>
    </message>
    <message>
        <source>The chat template in {place} is not text: it is {found}.</source>
        <translation>Die Chatvorlage in {place} ist kein Text, sondern {found}.</translation>
    </message>
    <message>
        <source>Remove it or correct it.</source>
        <translation>Entferne oder berichtige sie.</translation>
    </message>
    <message>
        <source>The tokenizer in {place} cannot be used: {reason}.</source>
        <translation>Der Tokenizer in {place} lässt sich nicht verwenden: {reason}.</translation>
    </message>
    <message>
        <source>The weights in {place} cannot be used: {reason}.</source>
        <translation>Die Gewichte in {place} lassen sich nicht verwenden: {reason}.</translation>
    </message>
    <message>
        <source>Download or export the model again.</source>
        <translation>Lade das Modell noch einmal herunter, oder exportiere es neu.</translation>
    </message>
    <message>
        <source>{place} already holds {file}, which a model folder does not.</source>
        <translation>{place} enthält schon {file}, was nicht in einen Modellordner gehört.</translation>
    </message>
    <message>
        <source>Choose a new or empty folder; nothing changed.</source>
        <translation>Wähle einen neuen oder leeren Ordner; geändert hat sich nichts.</translation>
    </message>
    <message>
        <source>{place} holds a classifier, which tells classes apart and writes no text.</source>
        <translation>{place} enthält einen Klassifikator; er unterscheidet Klassen und schreibt keinen Text.</translation>
    </message>
    <message>
        <source>Use it with: seedling evaluate FOLDER --task classify --data FILE</source>
        <translation>Verwende ihn mit: seedling evaluate FOLDER --task classify --data FILE</translation>
    </message>
    <message>
        <source>The model has no matrix {target} to adapt.</source>
        <translation>Das Modell hat keine Matrix {target}, die sich anpassen ließe.</translation>
    </message>
    <message>
        <source>It has {known}.</source>
        <translation>Es hat {known}.</translation>
    </message>
    <message>
        <source>{place} lacks the file {file}.</source>
        <translation>In {place} fehlt die Datei {file}.</translation>
    </message>
    <message>
        <source>{place} lacks the tensor {tensor}.</source>
        <translation>In {place} fehlt der Tensor {tensor}.</translation>
    </message>
    <message>
        <source>{place} holds a model that writes text, not a classifier.</source>
        <translation>{place} enthält ein Modell, das Text schreibt, keinen Klassifikator.</translation>
    </message>
    <message>
        <source>Train one with --method classify.</source>
        <translation>Trainiere einen mit --method classify.</translation>
    </message>
    <message>
        <source>{place} is not a model folder: {reason}.</source>
        <translation>{place} ist kein Modellordner: {reason}.</translation>
    </message>
    <message>
        <source>{place} holds pickled weights; opening them could run code, so Seedling never does.</source>
        <translation>{place} enthält Gewichte im Pickle-Format; beim Öffnen könnte Code laufen, darum öffnet Seedling sie nie.</translation>
    </message>
    <message>
        <source>Get the model as .safetensors, or, if you trust it, load it with transformers and call save_pretrained, which writes safetensors.</source>
        <translation>Hol das Modell als .safetensors. Oder lade es, wenn du ihm vertraust, mit transformers und rufe save_pretrained auf; das schreibt safetensors.</translation>
    </message>
    <message>
        <source>{place}: the tensor {tensor} is {found}, but the configuration asks for {expected}.</source>
        <translation>{place}: Der Tensor {tensor} ist {found}, die Konfiguration verlangt aber {expected}.</translation>
    </message>
    <message>
        <source>The names of the tensors in {place} are of no kind that Seedling knows.</source>
        <translation>Die Namen der Tensoren in {place} folgen keinem Schema, das Seedling kennt.</translation>
    </message>
    <message>
        <source>It reads checkpoints of the textbook and LitGPT&apos;s folders; for others, load the model with the program it is from and save it as safetensors.</source>
        <translation>Es liest Checkpoints des Lehrbuchs und Ordner von LitGPT; andere Modelle lade mit dem Programm, aus dem sie stammen, und speichere sie als safetensors.</translation>
    </message>
    <message>
        <source>{place}: Seedling does not know the model type {family}.</source>
        <translation>{place}: Seedling kennt den Modelltyp {family} nicht.</translation>
    </message>
    <message>
        <source>It knows {known}.</source>
        <translation>Es kennt {known}.</translation>
    </message>
    <message>
        <source>{place}: the tensor {tensor} is not part of a {family} model of this configuration.</source>
        <translation>{place}: Der Tensor {tensor} gehört nicht zu einem {family}-Modell dieser Konfiguration.</translation>
    </message>
    <message>
        <source>{place}: {field} is {value}, which Seedling&apos;s own model does not have.</source>
        <translation>{place}: {field} ist {value}; das gibt es bei Seedlings eigenem Modell nicht.</translation>
    </message>
    <message>
        <source>{place} is a whole model, and only an adapter can be written as {to}.</source>
        <translation>{place} ist ein ganzes Modell, und als {to} lässt sich nur ein Adapter schreiben.</translation>
    </message>
    <message>
        <source>The exported file does not do what the model does: a difference in {figure}, first at position {place}.</source>
        <translation>Die exportierte Datei verhält sich nicht wie das Modell: ein Unterschied bei {figure}, zuerst an Stelle {place}.</translation>
    </message>
    <message>
        <source>Nothing was written.</source>
        <translation>Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>The exported file does not do what the model does: {figure} is {value}, the limit is {limit}.</source>
        <translation>Die exportierte Datei verhält sich nicht wie das Modell: {figure} ist {value}, die Grenze ist {limit}.</translation>
    </message>
    <message>
        <source>{place} exists and is not a GGUF file.</source>
        <translation>{place} gibt es schon, und es ist keine GGUF-Datei.</translation>
    </message>
    <message>
        <source>Choose another name; nothing changed.</source>
        <translation>Wähle einen anderen Namen; geändert hat sich nichts.</translation>
    </message>
    <message>
        <source>{place} is not the llamafile program.</source>
        <translation>{place} ist nicht das llamafile-Programm.</translation>
    </message>
    <message>
        <source>Download it from github.com/Mozilla-Ocho/llamafile, and name that file.</source>
        <translation>Lade es von github.com/Mozilla-Ocho/llamafile herunter, und gib diese Datei an.</translation>
    </message>
    <message>
        <source>This model&apos;s tokenizer splits text in a way that llama.cpp does not know, so it cannot become a GGUF file.</source>
        <translation>Der Tokenizer dieses Modells teilt Text auf eine Art, die llama.cpp nicht kennt; darum kann daraus keine GGUF-Datei werden.</translation>
    </message>
    <message>
        <source>llama.cpp knows {architecture} only with {field} {known}, and this model has {value}, so it cannot become a GGUF file.</source>
        <translation>llama.cpp kennt {architecture} nur mit {field} {known}, und dieses Modell hat {value}; darum kann daraus keine GGUF-Datei werden.</translation>
    </message>
    <message>
        <source>The tokenizer has {tokens} tokens, but the model only has {rows} rows for them.</source>
        <translation>Der Tokenizer hat {tokens} Token, das Modell aber nur {rows} Zeilen dafür.</translation>
    </message>
    <message>
        <source>LitGPT has no models of the shape {shape}.</source>
        <translation>LitGPT hat keine Modelle der Bauform {shape}.</translation>
    </message>
    <message>
        <source>It has {known}; write GGUF or hf instead.</source>
        <translation>Es hat {known}; schreib stattdessen GGUF oder hf.</translation>
    </message>
    <message>
        <source>Seedling does not know the format {to}.</source>
        <translation>Seedling kennt das Format {to} nicht.</translation>
    </message>
    <message>
        <source>It writes {known}.</source>
        <translation>Es schreibt {known}.</translation>
    </message>
    <message>
        <source>A model folder cannot be written as {type}.</source>
        <translation>Ein Modellordner lässt sich nicht als {type} schreiben.</translation>
    </message>
    <message>
        <source>Seedling writes {known}.</source>
        <translation>Seedling schreibt {known}.</translation>
    </message>
    <message>
        <source>Seedling does not know the GGUF type {type}.</source>
        <translation>Seedling kennt den GGUF-Typ {type} nicht.</translation>
    </message>
    <message>
        <source>The tensor {tensor} has numbers beyond 65,504, which f16 cannot hold.</source>
        <translation>Der Tensor {tensor} enthält Zahlen über 65.504, die f16 nicht fassen kann.</translation>
    </message>
    <message>
        <source>Choose bf16, q8_0 or f32.</source>
        <translation>Wähle bf16, q8_0 oder f32.</translation>
    </message>
    <message>
        <source>The tensor {tensor} has numbers that are not finite.</source>
        <translation>Der Tensor {tensor} enthält Zahlen, die nicht endlich sind.</translation>
    </message>
    <message>
        <source>The training has diverged.</source>
        <translation>Das Training ist divergiert.</translation>
    </message>
    <message>
        <source>The adapter {place} cannot be laid over this model: {reason}.</source>
        <translation>Der Adapter {place} lässt sich nicht auf dieses Modell legen: {reason}.</translation>
    </message>
    <message>
        <source>The option {option} must be {expected}, not {value}.</source>
        <translation>Die Option {option} muss {expected} sein, nicht {value}.</translation>
    </message>
    <message>
        <source>The saved state of the model does not fit this model.</source>
        <translation>Der gespeicherte Zustand passt nicht zu diesem Modell.</translation>
    </message>
    <message>
        <source>The conversation is read again.</source>
        <translation>Das Gespräch wird neu gelesen.</translation>
    </message>
    <message>
        <source>The token {id} is not in the model&apos;s vocabulary of {vocabulary}.</source>
        <translation>Das Token {id} gehört nicht zum Vokabular des Modells ({vocabulary} Token).</translation>
    </message>
    <message>
        <source>This needs {asked} tokens, but the model has room for {context}.</source>
        <translation>Dafür sind {asked} Token nötig, im Modell ist aber nur Platz für {context}.</translation>
    </message>
    <message>
        <source>Shorten the text, start a new chat, or open the model with a larger context.</source>
        <translation>Kürze den Text, beginne einen neuen Chat, oder öffne das Modell mit größerem Kontext.</translation>
    </message>
    <message>
        <source>{place} cannot keep its cache as {cache_type}: {reason}.</source>
        <translation>{place} kann seinen Cache nicht als {cache_type} halten: {reason}.</translation>
    </message>
    <message>
        <source>Open the model with the cache type f16.</source>
        <translation>Öffne das Modell mit dem Cache-Typ f16.</translation>
    </message>
    <message>
        <source>The driver of the graphics processor does not suit llama.cpp: {reason}.</source>
        <translation>Der Treiber des Grafikprozessors passt nicht zu llama.cpp: {reason}.</translation>
    </message>
    <message>
        <source>Update the driver, or set the GPU layers to 0.</source>
        <translation>Aktualisiere den Treiber, oder setze die GPU-Schichten auf 0.</translation>
    </message>
    <message>
        <source>Speculation with a draft model needs one.</source>
        <translation>Zum Vorausraten mit einem kleineren Modell fehlt dieses Modell.</translation>
    </message>
    <message>
        <source>Name it (draft_model), or choose lookup, which needs none.</source>
        <translation>Nenne es (draft_model), oder wähle lookup, das keines braucht.</translation>
    </message>
    <message>
        <source>{place} cannot draft for {model}: they share {same} of {shared} tokens.</source>
        <translation>{place} kann nicht für {model} vorausraten: Gemeinsam haben sie {same} von {shared} Token.</translation>
    </message>
    <message>
        <source>Choose a smaller model of the same family, or the speculation lookup.</source>
        <translation>Wähle ein kleineres Modell derselben Familie, oder zum Vorausraten lookup.</translation>
    </message>
    <message>
        <source>{place} is an embedding model ({architecture}), which cannot write a reply.</source>
        <translation>{place} ist ein Embedding-Modell ({architecture}) und kann keine Antwort schreiben.</translation>
    </message>
    <message>
        <source>Choose another model.</source>
        <translation>Wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>{place} stopped in the middle of its work.</source>
        <translation>{place} hat mitten in der Arbeit abgebrochen.</translation>
    </message>
    <message>
        <source>Try again, or open the model again.</source>
        <translation>Versuch es noch einmal, oder öffne das Modell neu.</translation>
    </message>
    <message>
        <source>A cache of the type {cache_type} needs flash attention, which is switched off.</source>
        <translation>Ein Cache vom Typ {cache_type} braucht Flash Attention, und die ist abgeschaltet.</translation>
    </message>
    <message>
        <source>Switch it on, leave it to Seedling, or choose the cache type f16.</source>
        <translation>Schalte sie ein, überlass sie Seedling, oder wähle den Cache-Typ f16.</translation>
    </message>
    <message>
        <source>{place} is not a usable GGUF file: {reason}.</source>
        <translation>{place} ist keine brauchbare GGUF-Datei: {reason}.</translation>
    </message>
    <message>
        <source>{place} is part of a model in {count} files, and {missing} is not beside it.</source>
        <translation>{place} ist Teil eines Modells in {count} Dateien, und {missing} liegt nicht daneben.</translation>
    </message>
    <message>
        <source>Put the missing file into the same folder, or download the model again.</source>
        <translation>Leg die fehlende Datei in denselben Ordner, oder lade das Modell noch einmal herunter.</translation>
    </message>
    <message>
        <source>{place} is part of a model in {count} files, but its name does not say which.</source>
        <translation>{place} ist Teil eines Modells in {count} Dateien, aber der Name sagt nicht, welcher.</translation>
    </message>
    <message>
        <source>Give all files the names they came with, such as NAME-00001-of-00003.gguf.</source>
        <translation>Gib allen Dateien wieder ihre ursprünglichen Namen, etwa NAME-00001-of-00003.gguf.</translation>
    </message>
    <message>
        <source>{place} is not a GGUF file.</source>
        <translation>{place} ist keine GGUF-Datei.</translation>
    </message>
    <message>
        <source>Choose a GGUF file or a model folder.</source>
        <translation>Wähle eine GGUF-Datei oder einen Modellordner.</translation>
    </message>
    <message>
        <source>{place} holds a vocabulary without a model.</source>
        <translation>{place} enthält ein Vokabular ohne Modell.</translation>
    </message>
    <message>
        <source>Choose a file with weights.</source>
        <translation>Wähle eine Datei mit Gewichten.</translation>
    </message>
    <message>
        <source>The graphics processor failed: {reason}.</source>
        <translation>Der Grafikprozessor hat versagt: {reason}.</translation>
    </message>
    <message>
        <source>Try again: the model is then loaded anew. With no layers on it (GPU layers 0) the processor computes instead.</source>
        <translation>Versuch es noch einmal: Das Modell wird dann neu geladen. Ohne Schichten darauf (GPU-Schichten 0) rechnet stattdessen der Prozessor.</translation>
    </message>
    <message>
        <source>The graphics processor has not enough memory for this.</source>
        <translation>Der Grafikprozessor hat dafür nicht genug Speicher.</translation>
    </message>
    <message>
        <source>Put fewer layers on it (GPU layers), choose a smaller context, or a smaller model.</source>
        <translation>Leg weniger Schichten darauf (GPU-Schichten), oder wähle einen kleineren Kontext oder ein kleineres Modell.</translation>
    </message>
    <message>
        <source>llama.cpp cannot use the GGUF in {place} where it lies, so opening it makes a copy of {size} in the cache.</source>
        <translation>llama.cpp kann das GGUF in {place} nicht dort verwenden, wo es liegt; beim Öffnen entsteht darum eine Kopie von {size} im Cache.</translation>
    </message>
    <message>
        <source>{place} holds its GGUF compressed, so it cannot be used in place.</source>
        <translation>{place} enthält sein GGUF komprimiert, darum lässt es sich nicht an Ort und Stelle verwenden.</translation>
    </message>
    <message>
        <source>Unpack it, as one does a ZIP file, and choose the GGUF.</source>
        <translation>Entpacke es wie eine ZIP-Datei, und wähle das GGUF.</translation>
    </message>
    <message>
        <source>llama.cpp cannot be started: {reason}.</source>
        <translation>llama.cpp lässt sich nicht starten: {reason}.</translation>
    </message>
    <message>
        <source>Install what is missing, or install Seedling again.</source>
        <translation>Installiere, was fehlt, oder installiere Seedling neu.</translation>
    </message>
    <message>
        <source>llama.cpp cannot load {place}: {reason}.</source>
        <translation>llama.cpp kann {place} nicht laden: {reason}.</translation>
    </message>
    <message>
        <source>{place} is {kind}, which cannot write a reply.</source>
        <translation>{place} kann keine Antwort schreiben: {kind}.</translation>
    </message>
    <message>
        <source>There is no graphics processor here that llama.cpp can use.</source>
        <translation>Hier gibt es keinen Grafikprozessor, den llama.cpp verwenden kann.</translation>
    </message>
    <message>
        <source>Set the GPU layers to 0, or leave them to Seedling.</source>
        <translation>Setze die GPU-Schichten auf 0, oder überlass sie Seedling.</translation>
    </message>
    <message>
        <source>A context of {context} tokens could not be set up: {reason}.</source>
        <translation>Ein Kontext von {context} Token ließ sich nicht einrichten: {reason}.</translation>
    </message>
    <message>
        <source>Open the model with a smaller context.</source>
        <translation>Öffne das Modell mit kleinerem Kontext.</translation>
    </message>
    <message>
        <source>{place} computes values that are no numbers: its weights are damaged.</source>
        <translation>{place} berechnet Werte, die keine Zahlen sind: Die Gewichte sind beschädigt.</translation>
    </message>
    <message>
        <source>{place} cannot be kept in main memory: {reason}.</source>
        <translation>{place} lässt sich nicht im Arbeitsspeicher halten: {reason}.</translation>
    </message>
    <message>
        <source>Switch mlock off, or have the limit raised (ulimit -l, or memlock in limits.conf).</source>
        <translation>Schalte mlock ab, oder lass die Grenze erhöhen (ulimit -l, oder memlock in limits.conf).</translation>
    </message>
    <message>
        <source>{name} runs in Seedling&apos;s own GPT, which has no {option}.</source>
        <translation>{name} läuft in Seedlings eigenem GPT, und dort gibt es {option} nicht.</translation>
    </message>
    <message>
        <source>Leave it out, or export the model as GGUF.</source>
        <translation>Lass das weg, oder exportiere das Modell als GGUF.</translation>
    </message>
    <message>
        <source>{place} could not be written as {kind}: {reason}.</source>
        <translation>{place} ließ sich nicht als {kind} schreiben: {reason}.</translation>
    </message>
    <message>
        <source>{place} ({architecture}) cannot take back what it has read, so nothing can be guessed ahead.</source>
        <translation>{place} ({architecture}) kann Gelesenes nicht zurücknehmen, darum lässt sich nichts vorausraten.</translation>
    </message>
    <message>
        <source>Switch speculation off.</source>
        <translation>Schalte das Vorausraten ab.</translation>
    </message>
    <message>
        <source>{place} has the architecture {architecture}, which this version of llama.cpp does not know.</source>
        <translation>{place} hat die Architektur {architecture}, die diese Version von llama.cpp nicht kennt.</translation>
    </message>
    <message>
        <source>Choose another model, or update Seedling.</source>
        <translation>Wähle ein anderes Modell, oder aktualisiere Seedling.</translation>
    </message>
    <message>
        <source>{place} has a tokenizer of the kind {tokenizer}, which this version of llama.cpp does not know.</source>
        <translation>{place} hat einen Tokenizer der Art {tokenizer}, die diese Version von llama.cpp nicht kennt.</translation>
    </message>
    <message>
        <source>{name} ended its reply after {count} tokens, too few to measure.</source>
        <translation>{name} hat die Antwort nach {count} Token beendet; das ist zu wenig zum Messen.</translation>
    </message>
    <message>
        <source>Choose another model, or --synthetic.</source>
        <translation>Wähle ein anderes Modell, oder --synthetic.</translation>
    </message>
    <message>
        <source>{name} ended before it could be used: {reason}.</source>
        <translation>{name} endete, bevor es sich verwenden ließ: {reason}.</translation>
    </message>
    <message>
        <source>There is no text to answer.</source>
        <translation>Es gibt keinen Text, auf den zu antworten wäre.</translation>
    </message>
    <message>
        <source>Write something first.</source>
        <translation>Schreib erst etwas.</translation>
    </message>
    <message>
        <source>No model is loaded.</source>
        <translation>Es ist kein Modell geladen.</translation>
    </message>
    <message>
        <source>Choose a model first.</source>
        <translation>Wähle erst ein Modell.</translation>
    </message>
    <message>
        <source>{name} has no chat template.</source>
        <translation>{name} hat keine Chatvorlage.</translation>
    </message>
    <message>
        <source>Write one, or take over that of a model like it.</source>
        <translation>Schreib eine, oder übernimm die eines ähnlichen Modells.</translation>
    </message>
    <message>
        <source>{place} holds something else than saved conversations, so nothing was added to it.</source>
        <translation>{place} enthält etwas anderes als gespeicherte Gespräche, darum wurde nichts hinzugefügt.</translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation>Wähle eine andere Datei.</translation>
    </message>
    <message>
        <source>This chat or message does not exist any more.</source>
        <translation>Diesen Chat oder diese Nachricht gibt es nicht mehr.</translation>
    </message>
    <message>
        <source>SQLite {found} is too old: {needed} or newer is needed.</source>
        <translation>SQLite {found} ist zu alt: Nötig ist {needed} oder neuer.</translation>
    </message>
    <message>
        <source>Install apsw again.</source>
        <translation>Installiere apsw neu.</translation>
    </message>
    <message>
        <source>{place} is in use by another program.</source>
        <translation>{place} wird gerade von einem anderen Programm verwendet.</translation>
    </message>
    <message>
        <source>Close it and try again.</source>
        <translation>Schließ es und versuch es noch einmal.</translation>
    </message>
    <message>
        <source>The chats in {place} cannot be read: {reason}.</source>
        <translation>Die Chats in {place} lassen sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>The file was left as it is.</source>
        <translation>Die Datei blieb, wie sie ist.</translation>
    </message>
    <message>
        <source>Free {needed} and try again; nothing that was stored is lost.</source>
        <translation>Schaff {needed} Platz und versuch es noch einmal; was gespeichert war, bleibt erhalten.</translation>
    </message>
    <message>
        <source>A part of the chats in {place} is damaged.</source>
        <translation>Ein Teil der Chats in {place} ist beschädigt.</translation>
    </message>
    <message>
        <source>Start Seedling again: it then brings back all that can be read.</source>
        <translation>Starte Seedling neu: Es holt dann alles zurück, was sich lesen lässt.</translation>
    </message>
    <message>
        <source>The chats in {place} were written by a newer Seedling, so they were left untouched.</source>
        <translation>Die Chats in {place} stammen von einem neueren Seedling und bleiben darum unangetastet.</translation>
    </message>
    <message>
        <source>Install the newest version to open them.</source>
        <translation>Installiere die neueste Version, um sie zu öffnen.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template does not work: {reason}.</source>
        <translation>Die Chatvorlage des Modells funktioniert nicht: {reason}.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template refused this conversation: {reason}.</source>
        <translation>Die Chatvorlage des Modells lehnt dieses Gespräch ab: {reason}.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template took too much memory, so it was stopped.</source>
        <translation>Die Chatvorlage des Modells brauchte zu viel Speicher und wurde darum angehalten.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template took too long, so it was stopped.</source>
        <translation>Die Chatvorlage des Modells brauchte zu lange und wurde darum angehalten.</translation>
    </message>
    <message>
        <source>{place} is an adapter, and an adapter cannot be trained beside another one.</source>
        <translation>{place} ist ein Adapter, und neben einem Adapter lässt sich kein zweiter trainieren.</translation>
    </message>
    <message>
        <source>Merge it first: seedling export ADAPTER FOLDER --to hf</source>
        <translation>Rechne ihn erst in sein Modell ein: seedling export ADAPTER FOLDER --to hf</translation>
    </message>
    <message>
        <source>The checkpoint {place} is damaged.</source>
        <translation>Der Checkpoint {place} ist beschädigt.</translation>
    </message>
    <message>
        <source>What {place} holds cannot be told: {reason}.</source>
        <translation>Was {place} enthält, lässt sich nicht erkennen: {reason}.</translation>
    </message>
    <message>
        <source>{question}</source>
        <translation>{question}</translation>
    </message>
    <message>
        <source>{place} is not text: {reason}.</source>
        <translation>{place} ist kein Text: {reason}.</translation>
    </message>
    <message>
        <source>{cure}</source>
        <translation>{cure}</translation>
    </message>
    <message>
        <source>{place} unpacks to more than {size}, far more than data does.</source>
        <translation>{place} ergibt entpackt mehr als {size}, weit mehr als bei Daten üblich.</translation>
    </message>
    <message>
        <source>Unpack it first.</source>
        <translation>Entpacke die Datei erst selbst.</translation>
    </message>
    <message>
        <source>{place} is not the file the recipe names: its sha256 is {found}, not {wanted}.</source>
        <translation>{place} ist nicht die Datei, die im Rezept steht: Ihr sha256 ist {found}, nicht {wanted}.</translation>
    </message>
    <message>
        <source>{place} has two columns called {name}.</source>
        <translation>{place} hat zwei Spalten namens {name}.</translation>
    </message>
    <message>
        <source>Rename one of them.</source>
        <translation>Benenne eine davon um.</translation>
    </message>
    <message>
        <source>{place} cannot be unpacked as {kind}: {reason}.</source>
        <translation>{place} lässt sich nicht als {kind} entpacken: {reason}.</translation>
    </message>
    <message>
        <source>{place} holds no text.</source>
        <translation>{place} enthält keinen Text.</translation>
    </message>
    <message>
        <source>{place} looks like {encoding}.</source>
        <translation>{place} ist anscheinend als {encoding} gespeichert.</translation>
    </message>
    <message>
        <source>Save it as UTF-8.</source>
        <translation>Speichere die Datei als UTF-8.</translation>
    </message>
    <message>
        <source>{place} holds no file that can be read.</source>
        <translation>{place} enthält keine Datei, die sich lesen lässt.</translation>
    </message>
    <message>
        <source>Seedling reads {known}.</source>
        <translation>Seedling liest {known}.</translation>
    </message>
    <message>
        <source>{place} is of a kind that is not read as data.</source>
        <translation>{place} ist von einer Art, die nicht als Daten gelesen wird.</translation>
    </message>
    <message>
        <source>Seedling reads {known}, also packed as .gz, .xz or .zst.</source>
        <translation>Seedling liest {known}, auch gepackt als .gz, .xz oder .zst.</translation>
    </message>
    <message>
        <source>{place} holds data of the kind {kind}, but {other} of the kind {found}.</source>
        <translation>{place} enthält Daten der Art {kind}, {other} dagegen der Art {found}.</translation>
    </message>
    <message>
        <source>Name how both are to be read.</source>
        <translation>Gib an, wie beide gelesen werden sollen.</translation>
    </message>
    <message>
        <source>{place}, line {line}: {reason}.</source>
        <translation>{place}, Zeile {line}: {reason}.</translation>
    </message>
    <message>
        <source>The columns of {place} cannot be read so: {reason}.</source>
        <translation>So lassen sich die Spalten von {place} nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>None of the {rows} rows can be trained on.</source>
        <translation>Mit keiner der {rows} Zeilen lässt sich trainieren.</translation>
    </message>
    <message>
        <source>{hint}</source>
        <translation>{hint}</translation>
    </message>
    <message>
        <source>None of the {rows} rows of {place} can be read; line {line}: {reason}.</source>
        <translation>Keine der {rows} Zeilen von {place} lässt sich lesen; Zeile {line}: {reason}.</translation>
    </message>
    <message>
        <source>{place} holds no rows of columns: {reason}.</source>
        <translation>{place} enthält keine Zeilen mit Spalten: {reason}.</translation>
    </message>
    <message>
        <source>{place} has changed since it was looked at.</source>
        <translation>{place} hat sich geändert, seit die Daten angesehen wurden.</translation>
    </message>
    <message>
        <source>Drop it again.</source>
        <translation>Zieh die Datei noch einmal ins Fenster.</translation>
    </message>
    <message>
        <source>All rows of {place} have the label {label}, so there is nothing to tell apart.</source>
        <translation>Alle Zeilen von {place} haben das Label {label}; es gibt also nichts zu unterscheiden.</translation>
    </message>
    <message>
        <source>Two labels are needed at least.</source>
        <translation>Nötig sind mindestens zwei Labels.</translation>
    </message>
    <message>
        <source>{place} holds none of the labels the classifier knows: {labels}.</source>
        <translation>{place} enthält keines der Labels, die der Klassifikator kennt: {labels}.</translation>
    </message>
    <message>
        <source>Row {row} is to be left out, but only {rows} rows of {place} can be read.</source>
        <translation>Zeile {row} soll wegbleiben, aber in {place} lassen sich nur {rows} Zeilen lesen.</translation>
    </message>
    <message>
        <source>Correct exclude_rows: it counts from 1 as the rows are shown.</source>
        <translation>Berichtige exclude_rows: Gezählt wird ab 1, so wie die Zeilen angezeigt werden.</translation>
    </message>
    <message>
        <source>All {rows} rows of {place} are to be left out.</source>
        <translation>Alle {rows} Zeilen von {place} sollen wegbleiben.</translation>
    </message>
    <message>
        <source>Correct exclude_rows.</source>
        <translation>Berichtige exclude_rows.</translation>
    </message>
    <message>
        <source>Nothing of {place} can be evaluated on.</source>
        <translation>Nichts in {place} eignet sich zur Auswertung.</translation>
    </message>
    <message>
        <source>Choose another file, or leave evaluation out of the recipe.</source>
        <translation>Wähle eine andere Datei, oder lass die Auswertung im Rezept weg.</translation>
    </message>
    <message>
        <source>The text is too short for one window: it has {tokens} tokens to train on, and {needed} are needed.</source>
        <translation>Der Text ist zu kurz für ein Fenster: Zum Trainieren hat er {tokens} Token, und {needed} sind nötig.</translation>
    </message>
    <message>
        <source>Bring more text, or set max_length below {max_length}.</source>
        <translation>Nimm mehr Text, oder setz max_length unter {max_length}.</translation>
    </message>
    <message>
        <source>The training diverged: the loss of step {step} is not a number.</source>
        <translation>Das Training ist divergiert: Der Loss von Schritt {step} ist keine Zahl.</translation>
    </message>
    <message>
        <source>The last checkpoint is kept. Start again with a lower learning_rate.</source>
        <translation>Der letzte Checkpoint bleibt erhalten. Beginne noch einmal mit einer kleineren learning_rate.</translation>
    </message>
    <message>
        <source>This training needs about {needed} of memory, and {available} are there for it.</source>
        <translation>Dieses Training braucht etwa {needed} Speicher, und dafür sind {available} da.</translation>
    </message>
    <message>
        <source>With max_length = {length} instead of {max_length} it fits; or train an adapter (method lora), raise memory_percent in the settings, or close other programs.</source>
        <translation>Mit max_length = {length} statt {max_length} passt es; oder trainiere einen Adapter (method lora), erhöhe memory_percent in den Einstellungen oder schließ andere Programme.</translation>
    </message>
    <message>
        <source>Training {name} needs about {needed} of memory, and {available} are there for it.</source>
        <translation>Das Training von {name} braucht etwa {needed} Speicher, und dafür sind {available} da.</translation>
    </message>
    <message>
        <source>Choose a smaller model, train an adapter over 4 bits (method lora, lora.bits = 4), raise memory_percent in the settings, or close other programs.</source>
        <translation>Wähle ein kleineres Modell, trainiere einen Adapter über 4 Bits (method lora, lora.bits = 4), erhöhe memory_percent in den Einstellungen oder schließ andere Programme.</translation>
    </message>
    <message>
        <source>{place} holds no whole checkpoint.</source>
        <translation>{place} enthält keinen vollständigen Checkpoint.</translation>
    </message>
    <message>
        <source>{place} is not a training run that can be resumed.</source>
        <translation>{place} ist kein Trainingslauf, der sich fortsetzen lässt.</translation>
    </message>
    <message>
        <source>The model&apos;s tokenizer has neither a chat template nor a token that ends a text, so nothing would end a reply.</source>
        <translation>Der Tokenizer des Modells hat weder eine Chatvorlage noch ein Token, das einen Text beendet; so fände keine Antwort ein Ende.</translation>
    </message>
    <message>
        <source>No token of the training data is to be learnt, so training would change nothing.</source>
        <translation>Von den Trainingsdaten soll kein Token gelernt werden; das Training würde also nichts ändern.</translation>
    </message>
    <message>
        <source>Look at what is learnt: seedling data inspect</source>
        <translation>Sieh nach, was gelernt wird: seedling data inspect</translation>
    </message>
    <message>
        <source>The model in {place} is not the one the run was started from.</source>
        <translation>Das Modell in {place} ist nicht das, mit dem der Lauf begonnen wurde.</translation>
    </message>
    <message>
        <source>Put the old one back, or start a new run.</source>
        <translation>Leg das alte wieder dorthin, oder beginne einen neuen Lauf.</translation>
    </message>
    <message>
        <source>An adapter needs a model folder, a GGUF file or a folder of LitGPT&apos;s under it, and {place} is none.</source>
        <translation>Unter einem Adapter muss ein Modellordner, eine GGUF-Datei oder ein Ordner von LitGPT liegen, und {place} ist nichts davon.</translation>
    </message>
    <message>
        <source>Write it as a model folder first: seedling export MODEL FOLDER --to hf</source>
        <translation>Schreib das Modell erst als Modellordner: seedling export MODEL FOLDER --to hf</translation>
    </message>
    <message>
        <source>In the recipe, {key} {reason}.</source>
        <translation>Im Rezept: {key} {reason}.</translation>
    </message>
    <message>
        <source>The recipe lacks {key}: {wanted}.</source>
        <translation>Dem Rezept fehlt {key}: {wanted}.</translation>
    </message>
    <message>
        <source>{setting} is not a setting.</source>
        <translation>{setting} ist keine Einstellung.</translation>
    </message>
    <message>
        <source>Write key=value.</source>
        <translation>Schreib Schlüssel=Wert.</translation>
    </message>
    <message>
        <source>{place} is not a recipe in TOML: {reason}.</source>
        <translation>{place} ist kein Rezept in TOML: {reason}.</translation>
    </message>
    <message>
        <source>In the recipe, {key} must be {wanted}, not {found}.</source>
        <translation>Im Rezept muss {key} {wanted} sein, nicht {found}.</translation>
    </message>
    <message>
        <source>The recipe has an unknown key {key}.</source>
        <translation>Das Rezept enthält einen unbekannten Schlüssel: {key}.</translation>
    </message>
    <message>
        <source>In the recipe, {key} {reason}, not {found}.</source>
        <translation>Im Rezept: {key} {reason}, nicht {found}.</translation>
    </message>
    <message>
        <source>The run in {place} was started with {key} = {wanted}, not {found}.</source>
        <translation>Der Lauf in {place} wurde mit {key} = {wanted} begonnen, nicht mit {found}.</translation>
    </message>
    <message>
        <source>Resume it without changes, or start a new run in another folder.</source>
        <translation>Setz ihn unverändert fort, oder beginne einen neuen Lauf in einem anderen Ordner.</translation>
    </message>
    <message>
        <source>The disk is full, so the run in {place} is paused; what it did up to step {step} is kept.</source>
        <translation>Der Datenträger ist voll, darum pausiert der Lauf in {place}; was er bis Schritt {step} getan hat, bleibt erhalten.</translation>
    </message>
    <message>
        <source>Free some space and go on with --resume.</source>
        <translation>Schaff Platz und mach mit --resume weiter.</translation>
    </message>
    <message>
        <source>{place} cannot be shown as a run: {reason}.</source>
        <translation>{place} lässt sich nicht als Lauf anzeigen: {reason}.</translation>
    </message>
    <message>
        <source>The run in {place} is being trained already.</source>
        <translation>Der Lauf in {place} wird schon trainiert.</translation>
    </message>
    <message>
        <source>Stop it there, or wait until it is done.</source>
        <translation>Halte ihn dort an, oder warte, bis er fertig ist.</translation>
    </message>
    <message>
        <source>{place} is not empty.</source>
        <translation>{place} ist nicht leer.</translation>
    </message>
    <message>
        <source>Continue it with --resume, or choose another folder.</source>
        <translation>Setz den Lauf dort mit --resume fort, oder wähle einen anderen Ordner.</translation>
    </message>
    <message>
        <source>{host} is asked without encryption, so a token could be read on the way.</source>
        <translation>{host} wird unverschlüsselt gefragt; ein Token ließe sich unterwegs mitlesen.</translation>
    </message>
    <message>
        <source>Use an address with https.</source>
        <translation>Nimm eine Adresse mit https.</translation>
    </message>
    <message>
        <source>The system&apos;s keyring refused ({kind}).</source>
        <translation>Der Schlüsselbund des Systems verweigert den Zugriff ({kind}).</translation>
    </message>
    <message>
        <source>Unlock it and try again, or keep the key for this run only.</source>
        <translation>Entsperre ihn und versuch es noch einmal, oder behalte den Schlüssel nur bis zum Beenden.</translation>
    </message>
    <message>
        <source>This computer has no keyring in which a key could be kept.</source>
        <translation>Dieser Computer hat keinen Schlüsselbund, in dem sich ein Schlüssel aufbewahren ließe.</translation>
    </message>
    <message>
        <source>Set one up (on Linux GNOME&apos;s or KDE&apos;s), or keep the key for this run only.</source>
        <translation>Richte einen ein (unter Linux den von GNOME oder KDE), oder behalte den Schlüssel nur bis zum Beenden.</translation>
    </message>
    <message>
        <source>The system&apos;s keyring did not answer within {seconds} seconds.</source>
        <translation>Der Schlüsselbund des Systems hat nicht innerhalb von {seconds} Sekunden geantwortet.</translation>
    </message>
    <message>
        <source>A key has 1 to {longest} letters, digits and signs, and no spaces.</source>
        <translation>Ein Schlüssel hat 1 bis {longest} Buchstaben, Ziffern und Sonderzeichen und keine Leerzeichen.</translation>
    </message>
    <message>
        <source>Copy it again from where it was made.</source>
        <translation>Kopiere ihn noch einmal von dort, wo er erstellt wurde.</translation>
    </message>
    <message>
        <source>In row {row} of the prices, {field} must be {expected}, not {value}.</source>
        <translation>In Zeile {row} der Preise muss {field} {expected} sein, nicht {value}.</translation>
    </message>
    <message>
        <source>The environment variable {name} holds no key.</source>
        <translation>Die Umgebungsvariable {name} enthält keinen Schlüssel.</translation>
    </message>
    <message>
        <source>Set it and start Seedling again.</source>
        <translation>Setz sie und starte Seedling neu.</translation>
    </message>
    <message>
        <source>{name} cannot answer yet and is asked again in {seconds}.</source>
        <translation>{name} kann noch nicht antworten und wird in {seconds} wieder gefragt.</translation>
    </message>
    <message>
        <source>{address} is no address of a server.</source>
        <translation>{address} ist keine Adresse eines Servers.</translation>
    </message>
    <message>
        <source>Write it as http://127.0.0.1:8080 or https://api.example.com/v1.</source>
        <translation>Schreib sie wie http://127.0.0.1:8080 oder https://api.example.com/v1.</translation>
    </message>
    <message>
        <source>There is no kind of server called {kind}.</source>
        <translation>Eine Art von Server namens {kind} gibt es nicht.</translation>
    </message>
    <message>
        <source>It is one of {known}, or auto.</source>
        <translation>Möglich sind {known} oder auto.</translation>
    </message>
    <message>
        <source>A name has 1 to {longest} characters and no “/”.</source>
        <translation>Ein Name hat 1 bis {longest} Zeichen und kein „/“.</translation>
    </message>
    <message>
        <source>{name} does not accept the request: {said}.</source>
        <translation>{name} nimmt die Anfrage nicht an: {said}.</translation>
    </message>
    <message>
        <source>{name} is overloaded.</source>
        <translation>{name} ist überlastet.</translation>
    </message>
    <message>
        <source>Try again in a moment, or choose another model.</source>
        <translation>Versuch es gleich noch einmal, oder wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>{name} cannot go on with a reply that was begun.</source>
        <translation>{name} kann eine begonnene Antwort nicht fortsetzen.</translation>
    </message>
    <message>
        <source>Ask for a new one instead.</source>
        <translation>Lass stattdessen eine neue schreiben.</translation>
    </message>
    <message>
        <source>The certificate of {host} does not prove that it is {host}.</source>
        <translation>Das Zertifikat von {host} beweist nicht, dass dort wirklich {host} antwortet.</translation>
    </message>
    <message>
        <source>Nothing was sent. Check the address.</source>
        <translation>Nichts wurde gesendet. Prüfe die Adresse.</translation>
    </message>
    <message>
        <source>The conversation is longer than the {context:,} tokens that {name} was asked to hold.</source>
        <translation>Das Gespräch ist länger als die {context:,} Token, die für {name} eingestellt sind.</translation>
    </message>
    <message>
        <source>Give the model more context, or start a new chat.</source>
        <translation>Gib dem Modell mehr Kontext, oder beginne einen neuen Chat.</translation>
    </message>
    <message>
        <source>The account at {name} has no credit left.</source>
        <translation>Das Konto bei {name} hat kein Guthaben mehr.</translation>
    </message>
    <message>
        <source>Add some there, or choose another model.</source>
        <translation>Lade es dort auf, oder wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>{name} broke off in the middle of the reply.</source>
        <translation>{name} hat mitten in der Antwort abgebrochen.</translation>
    </message>
    <message>
        <source>What came is kept. Try again.</source>
        <translation>Was ankam, bleibt erhalten. Versuch es noch einmal.</translation>
    </message>
    <message>
        <source>{name} makes embeddings and writes no replies.</source>
        <translation>{name} erzeugt Embeddings und schreibt keine Antworten.</translation>
    </message>
    <message>
        <source>There is a server or an API called {name} already.</source>
        <translation>Einen Server oder eine API namens {name} gibt es schon.</translation>
    </message>
    <message>
        <source>{name} failed: {said}.</source>
        <translation>Bei {name} ist etwas fehlgeschlagen: {said}.</translation>
    </message>
    <message>
        <source>Try again, or look at what it says there.</source>
        <translation>Versuch es noch einmal, oder sieh nach, was dort gemeldet wird.</translation>
    </message>
    <message>
        <source>The key does not allow this at {name}.</source>
        <translation>Der Schlüssel erlaubt das bei {name} nicht.</translation>
    </message>
    <message>
        <source>Use another key or another model.</source>
        <translation>Nimm einen anderen Schlüssel oder ein anderes Modell.</translation>
    </message>
    <message>
        <source>The reply ends here because {name} was asked to hold no more than {context:,} tokens.</source>
        <translation>Die Antwort endet hier, weil für {name} höchstens {context:,} Token eingestellt sind.</translation>
    </message>
    <message>
        <source>Give the model more context to let replies go on.</source>
        <translation>Gib dem Modell mehr Kontext, damit Antworten länger werden können.</translation>
    </message>
    <message>
        <source>{name} does not heed {options}.</source>
        <translation>{name} beachtet {options} nicht.</translation>
    </message>
    <message>
        <source>{name} wants a key.</source>
        <translation>{name} verlangt einen Schlüssel.</translation>
    </message>
    <message>
        <source>Enter one on the page of servers.</source>
        <translation>Gib ihn auf der Seite der Server ein.</translation>
    </message>
    <message>
        <source>{name} does not know the key it was given.</source>
        <translation>{name} kennt den angegebenen Schlüssel nicht.</translation>
    </message>
    <message>
        <source>Enter another one.</source>
        <translation>Gib einen anderen ein.</translation>
    </message>
    <message>
        <source>{name} takes no more requests for now.</source>
        <translation>{name} nimmt vorerst keine weiteren Anfragen an.</translation>
    </message>
    <message>
        <source>Try again {when}.</source>
        <translation>Versuch es {when} noch einmal.</translation>
    </message>
    <message>
        <source>Another Seedling is writing the list of servers.</source>
        <translation>Ein anderes Seedling schreibt gerade die Liste der Server.</translation>
    </message>
    <message>
        <source>{name} is still loading the model.</source>
        <translation>{name} lädt das Modell noch.</translation>
    </message>
    <message>
        <source>{name} has no model {model} any more.</source>
        <translation>{name} hat das Modell {model} nicht mehr.</translation>
    </message>
    <message>
        <source>No server answers at {address} as one with models does.</source>
        <translation>Unter {address} antwortet kein Server, der Modelle anbietet.</translation>
    </message>
    <message>
        <source>Check the address.</source>
        <translation>Prüfe die Adresse.</translation>
    </message>
    <message>
        <source>{name} is not loaded here, so {option} cannot be chosen for it.</source>
        <translation>{name} wird nicht hier geladen, darum lässt sich {option} dafür nicht wählen.</translation>
    </message>
    <message>
        <source>Leave it out, or choose another model.</source>
        <translation>Lass die Option weg, oder wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>{answered} answered, not {asked}.</source>
        <translation>Geantwortet hat {answered}, nicht {asked}.</translation>
    </message>
    <message>
        <source>{name} has put the one in the place of the other.</source>
        <translation>{name} hat das eine durch das andere ersetzt.</translation>
    </message>
    <message>
        <source>{host} is asked without encryption, so a key could be read on the way.</source>
        <translation>{host} wird unverschlüsselt gefragt; ein Schlüssel ließe sich unterwegs mitlesen.</translation>
    </message>
    <message>
        <source>{host} sends to another address, {other}.</source>
        <translation>{host} verweist auf eine andere Adresse, {other}.</translation>
    </message>
    <message>
        <source>Nothing was sent there.</source>
        <translation>Dorthin wurde nichts gesendet.</translation>
    </message>
    <message>
        <source>{name} declined to answer this.</source>
        <translation>{name} lehnt es ab, darauf zu antworten.</translation>
    </message>
    <message>
        <source>Ask in another way, or choose another model.</source>
        <translation>Frag anders, oder wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>{name} passes this model on to Ollama’s cloud, where it is not signed in.</source>
        <translation>{name} gibt Anfragen an dieses Modell an die Cloud von Ollama weiter und ist dort nicht angemeldet.</translation>
    </message>
    <message>
        <source>Run “ollama signin” in a terminal.</source>
        <translation>Führ „ollama signin“ in einem Terminal aus.</translation>
    </message>
    <message>
        <source>“Nothing leaves this computer” is on, so {name} is not asked.</source>
        <translation>„Nichts verlässt diesen Computer“ ist an, darum wird {name} nicht gefragt.</translation>
    </message>
    <message>
        <source>Switch it off in the settings to ask it.</source>
        <translation>Schalte das in den Einstellungen ab, um dort zu fragen.</translation>
    </message>
    <message>
        <source>{name} ended without a word.</source>
        <translation>{name} hat aufgehört, ohne ein Wort zu schreiben.</translation>
    </message>
    <message>
        <source>The conversation may be too long for it: start a new chat, or look at what it says.</source>
        <translation>Vielleicht ist das Gespräch dafür zu lang: Beginne einen neuen Chat, oder sieh nach, was dort gemeldet wird.</translation>
    </message>
    <message>
        <source>{name} answered what cannot be understood.</source>
        <translation>Die Antwort von {name} ist nicht zu verstehen.</translation>
    </message>
    <message>
        <source>Try again, or check what runs there.</source>
        <translation>Versuch es noch einmal, oder prüfe, was dort läuft.</translation>
    </message>
    <message>
        <source>The conversation is too long for {name}.</source>
        <translation>Das Gespräch ist zu lang für {name}.</translation>
    </message>
    <message>
        <source>Start a new chat, or choose a model with more context.</source>
        <translation>Beginne einen neuen Chat, oder wähle ein Modell mit mehr Kontext.</translation>
    </message>
    <message>
        <source>{name} sent more than any reply needs, so it was cut off.</source>
        <translation>{name} hat mehr gesendet, als eine Antwort je braucht; der Rest wurde abgeschnitten.</translation>
    </message>
    <message>
        <source>There is no server or API called {name}.</source>
        <translation>Einen Server oder eine API namens {name} gibt es nicht.</translation>
    </message>
    <message>
        <source>Connect it first.</source>
        <translation>Stell erst die Verbindung her.</translation>
    </message>
    <message>
        <source>{name} cannot be reached: {reason}.</source>
        <translation>{name} ist nicht erreichbar: {reason}.</translation>
    </message>
    <message>
        <source>Check that it runs, and try again.</source>
        <translation>Prüfe, ob der Server läuft, und versuch es noch einmal.</translation>
    </message>
    <message>
        <source>Another Seedling is writing the prices.</source>
        <translation>Ein anderes Seedling schreibt gerade die Preise.</translation>
    </message>
    <message>
        <source>The prices in {place} cannot be read, so only those that came with Seedling count.</source>
        <translation>Die Preise in {place} lassen sich nicht lesen, darum gelten nur die, die mit Seedling kamen.</translation>
    </message>
    <message>
        <source>Mend the file, or save your prices again: it is then kept aside.</source>
        <translation>Berichtige die Datei, oder speichere deine Preise neu: Die unlesbare Datei wird dann beiseitegelegt.</translation>
    </message>
    <message>
        <source>Another Seedling is writing the file with the keys.</source>
        <translation>Ein anderes Seedling schreibt gerade die Datei mit den Schlüsseln.</translation>
    </message>
    <message>
        <source>The file with the keys is locked.</source>
        <translation>Die Datei mit den Schlüsseln ist gesperrt.</translation>
    </message>
    <message>
        <source>Enter its passphrase.</source>
        <translation>Gib ihre Passphrase ein.</translation>
    </message>
    <message>
        <source>The file with the keys, {place}, cannot be read.</source>
        <translation>Die Datei mit den Schlüsseln, {place}, lässt sich nicht lesen.</translation>
    </message>
    <message>
        <source>Move it away and enter the keys again.</source>
        <translation>Verschieb sie an einen anderen Ort und gib die Schlüssel neu ein.</translation>
    </message>
    <message>
        <source>That is not the passphrase of the file with the keys.</source>
        <translation>Das ist nicht die Passphrase der Datei mit den Schlüsseln.</translation>
    </message>
    <message>
        <source>Enter it again.</source>
        <translation>Gib sie noch einmal ein.</translation>
    </message>
    <message>
        <source>A passphrase has at least {least} characters.</source>
        <translation>Eine Passphrase hat mindestens {least} Zeichen.</translation>
    </message>
    <message>
        <source>The backup {name} is not there any more.</source>
        <translation>Die Sicherung {name} ist nicht mehr da.</translation>
    </message>
    <message>
        <source>Choose another one.</source>
        <translation>Wähle eine andere.</translation>
    </message>
    <message>
        <source>{inner} lies in {outer}, and the two must be kept apart.</source>
        <translation>{inner} liegt in {outer}, und die beiden müssen getrennt bleiben.</translation>
    </message>
    <message>
        <source>Choose a folder elsewhere.</source>
        <translation>Wähle einen Ordner an einem anderen Ort.</translation>
    </message>
    <message>
        <source>The folder {place} is not there.</source>
        <translation>Der Ordner {place} ist nicht da.</translation>
    </message>
    <message>
        <source>Connect its disk and try again, or choose the usual place in the settings.</source>
        <translation>Schließ seinen Datenträger an und versuch es noch einmal, oder wähle in den Einstellungen den üblichen Ort.</translation>
    </message>
    <message>
        <source>{place} already holds {file}.</source>
        <translation>{place} enthält schon {file}.</translation>
    </message>
    <message>
        <source>Choose an empty folder; nothing changed.</source>
        <translation>Wähle einen leeren Ordner; geändert hat sich nichts.</translation>
    </message>
    <message>
        <source>{place} has {free} free, and {needed} are needed.</source>
        <translation>In {place} sind {free} frei, und {needed} werden gebraucht.</translation>
    </message>
    <message>
        <source>Choose another disk.</source>
        <translation>Wähle einen anderen Datenträger.</translation>
    </message>
    <message>
        <source>It lies in {place} already.</source>
        <translation>Das liegt schon in {place}.</translation>
    </message>
    <message>
        <source>Nothing can be written in {place}: {reason}.</source>
        <translation>In {place} lässt sich nichts schreiben: {reason}.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>Wähle einen anderen Ordner.</translation>
    </message>
    <message>
        <source>{place} changed while it was copied.</source>
        <translation>{place} hat sich während des Kopierens geändert.</translation>
    </message>
    <message>
        <source>Stop what writes there, then go on with the move.</source>
        <translation>Beende, was dort schreibt, und setz dann den Umzug fort.</translation>
    </message>
    <message>
        <source>What was written to {place} does not read back as it was.</source>
        <translation>Was nach {place} geschrieben wurde, kommt beim Lesen verändert zurück.</translation>
    </message>
    <message>
        <source>Nothing was removed; check that disk.</source>
        <translation>Nichts wurde entfernt; prüfe diesen Datenträger.</translation>
    </message>
    <message>
        <source>{place} holds no chats.</source>
        <translation>{place} enthält keine Chats.</translation>
    </message>
    <message>
        <source>The usual place can be used instead.</source>
        <translation>Stattdessen lässt sich der übliche Ort verwenden.</translation>
    </message>
    <message>
        <source>The setting {name} is {found}, which is not from {least} to {most}; {default} is used.</source>
        <translation>Die Einstellung {name} ist {found}; erlaubt ist {least} bis {most}, verwendet wird {default}.</translation>
    </message>
    <message>
        <source>The setting {name} cannot be {found}; {default} is used.</source>
        <translation>Die Einstellung {name} kann nicht {found} sein; verwendet wird {default}.</translation>
    </message>
    <message>
        <source>The settings hold {name}, which this version does not know.</source>
        <translation>Die Einstellungen enthalten {name}; diese Version kennt das nicht.</translation>
    </message>
    <message>
        <source>It is left as it is.</source>
        <translation>Es bleibt, wie es ist.</translation>
    </message>
    <message>
        <source>The settings in {place} could not be read, so every option has its default.</source>
        <translation>Die Einstellungen in {place} ließen sich nicht lesen, darum gelten überall die Vorgaben.</translation>
    </message>
    <message>
        <source>The file is kept as {aside}.</source>
        <translation>Die Datei bleibt als {aside} erhalten.</translation>
    </message>
    <message>
        <source>The settings in {place} cannot be read ({reason}); every option has its default.</source>
        <translation>Die Einstellungen in {place} lassen sich nicht lesen ({reason}); überall gelten die Vorgaben.</translation>
    </message>
    <message>
        <source>{name} has no token that ends a text, so its texts cannot be measured.</source>
        <translation>{name} hat kein Token, das einen Text beendet, darum lassen sich Texte damit nicht messen.</translation>
    </message>
    <message>
        <source>{place} is not the last part of {whole}.</source>
        <translation>{place} ist nicht der letzte Teil von {whole}.</translation>
    </message>
    <message>
        <source>Write both again, with python -m tools.starter.text.</source>
        <translation>Schreib beide neu, mit python -m tools.starter.text.</translation>
    </message>
    <message>
        <source>The Python module {name} is not installed.</source>
        <translation>Das Python-Modul {name} ist nicht installiert.</translation>
    </message>
    <message>
        <source>`seedling doctor` says how to get it.</source>
        <translation>`seedling doctor` sagt, wie du es bekommst.</translation>
    </message>
    <message>
        <source>The window is not installed.</source>
        <translation>Das Fenster ist nicht installiert.</translation>
    </message>
    <message>
        <source>`seedling chat` talks in the terminal.</source>
        <translation>Mit `seedling chat` chattest du im Terminal.</translation>
    </message>
    <message>
        <source>This computer&apos;s processor lacks {names}, without which Seedling cannot compute.</source>
        <translation>Dem Prozessor dieses Computers fehlt, was Seedling zum Rechnen braucht: {names}.</translation>
    </message>
    <message>
        <source>Seedling needs x86-64-v2: a processor of Intel&apos;s from 2008 or of AMD&apos;s from 2011, or a newer one.</source>
        <translation>Seedling braucht x86-64-v2: einen Prozessor von Intel ab 2008 oder von AMD ab 2011.</translation>
    </message>
    <message>
        <source>Something Seedling needs is missing or does not work here: {names}.</source>
        <translation>Etwas, das Seedling braucht, fehlt oder funktioniert hier nicht: {names}.</translation>
    </message>
    <message>
        <source>What {host} lists was good until {date}, so it is not believed any more.</source>
        <translation>Die Liste von {host} galt nur bis {date}, darum vertraut Seedling ihr nicht mehr.</translation>
    </message>
    <message>
        <source>Look again later; if this computer&apos;s date is wrong, correct that first.</source>
        <translation>Such später noch einmal; falls das Datum dieses Computers falsch ist, stell es erst richtig.</translation>
    </message>
    <message>
        <source>{address} is neither https nor on this computer, so it is not asked for newer versions.</source>
        <translation>{address} ist weder eine https-Adresse noch auf diesem Computer, darum wird dort nicht nach neueren Versionen gefragt.</translation>
    </message>
    <message>
        <source>Enter an address that begins with https://.</source>
        <translation>Gib eine Adresse ein, die mit https:// beginnt.</translation>
    </message>
    <message>
        <source>No address is set at which newer versions are listed.</source>
        <translation>Es ist keine Adresse eingestellt, an der neuere Versionen aufgeführt sind.</translation>
    </message>
    <message>
        <source>Enter one in the settings, under Updates.</source>
        <translation>Gib in den Einstellungen unter Updates eine ein.</translation>
    </message>
    <message>
        <source>This build of Seedling holds no key by which it would know a genuine newer version, so it looks for none.</source>
        <translation>Diese Fassung von Seedling enthält keinen Schlüssel, an dem sie eine echte neuere Version erkennen könnte, darum sucht sie keine.</translation>
    </message>
    <message>
        <source>Released builds hold one.</source>
        <translation>Veröffentlichte Fassungen enthalten einen.</translation>
    </message>
    <message>
        <source>{place} holds too many files called {file}.</source>
        <translation>{place} enthält zu viele Dateien namens {file}.</translation>
    </message>
    <message>
        <source>Delete those you no longer need.</source>
        <translation>Lösche die, die du nicht mehr brauchst.</translation>
    </message>
    <message>
        <source>{file} needs {needed} more, and {free} are free in {place}.</source>
        <translation>{file} braucht noch {needed}, und in {place} sind {free} frei.</translation>
    </message>
    <message>
        <source>Free some space first.</source>
        <translation>Schaff erst Platz.</translation>
    </message>
    <message>
        <source>The newer version has no file {file} for this computer.</source>
        <translation>Bei der neueren Version ist keine Datei {file} für diesen Computer dabei.</translation>
    </message>
    <message>
        <source>It has {names}.</source>
        <translation>Es gibt {names}.</translation>
    </message>
    <message>
        <source>No newer version has been found yet.</source>
        <translation>Noch wurde keine neuere Version gefunden.</translation>
    </message>
    <message>
        <source>Look for one first: seedling update check</source>
        <translation>Such erst nach einer: seedling update check</translation>
    </message>
    <message>
        <source>{version} has no file for this computer ({platform}).</source>
        <translation>Bei {version} ist keine Datei für diesen Computer ({platform}) dabei.</translation>
    </message>
    <message>
        <source>The place where you got Seedling may say more.</source>
        <translation>Wo du Seedling bekommen hast, erfährst du vielleicht mehr.</translation>
    </message>
    <message>
        <source>{version} is not newer than this one, so it is not fetched.</source>
        <translation>{version} ist nicht neuer als diese Version und wird darum nicht geholt.</translation>
    </message>
    <message>
        <source>The list of {host} (number {number}) is not newer than the last one (number {seen}), so it is not believed.</source>
        <translation>Die Liste von {host} (Nummer {number}) ist nicht neuer als die letzte (Nummer {seen}), darum vertraut Seedling ihr nicht.</translation>
    </message>
    <message>
        <source>Look again later.</source>
        <translation>Such später noch einmal.</translation>
    </message>
    <message>
        <source>{host} has another file where {file} should be.</source>
        <translation>Bei {host} liegt eine andere Datei, wo {file} sein sollte.</translation>
    </message>
    <message>
        <source>Look for a newer version again.</source>
        <translation>Such noch einmal nach einer neueren Version.</translation>
    </message>
    <message>
        <source>{file} is being downloaded already.</source>
        <translation>{file} wird schon heruntergeladen.</translation>
    </message>
    <message>
        <source>What {host} lists is signed, but this version cannot read it: {reason}.</source>
        <translation>Die Liste von {host} ist signiert, aber diese Version kann sie nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>{host} answered with far more than a list of versions.</source>
        <translation>{host} hat mit weit mehr als einer Liste von Versionen geantwortet.</translation>
    </message>
    <message>
        <source>Check that disk.</source>
        <translation>Prüfe diesen Datenträger.</translation>
    </message>
    <message>
        <source>What {host} lists is not signed with a key of Seedling&apos;s, so nothing of it is believed.</source>
        <translation>Die Liste von {host} ist nicht mit einem Schlüssel von Seedling signiert, darum wird ihr nicht vertraut.</translation>
    </message>
    <message>
        <source>This program does not know its own version ({version}), so nothing can be called newer.</source>
        <translation>Dieses Programm kennt seine eigene Version nicht ({version}), darum lässt sich nicht sagen, was neuer ist.</translation>
    </message>
    <message>
        <source>Install Seedling again.</source>
        <translation>Installiere Seedling neu.</translation>
    </message>
    <message>
        <source>Seedling is already running and did not answer.</source>
        <translation>Seedling läuft schon und hat nicht geantwortet.</translation>
    </message>
    <message>
        <source>Close its window first.</source>
        <translation>Schließ erst sein Fenster.</translation>
    </message>
    <message>
        <source>Seedling is already running as process {process}, and does not answer.</source>
        <translation>Seedling läuft schon als Prozess {process} und antwortet nicht.</translation>
    </message>
    <message>
        <source>Wait a moment and start it again; if it hangs, end that process: {command}</source>
        <translation>Warte einen Moment und starte es noch einmal; wenn es hängt, beende diesen Prozess: {command}</translation>
    </message>
    <message>
        <source>Seedling does not open {address}.</source>
        <translation>Seedling öffnet {address} nicht.</translation>
    </message>
    <message>
        <source>It opens files of this computer, and seedling:model/ORGANISATION/NAME.</source>
        <translation>Es öffnet Dateien dieses Computers und seedling:model/ORGANISATION/NAME.</translation>
    </message>
    <message>
        <source>{place} is a database, and Seedling opens models and data.</source>
        <translation>{place} ist eine Datenbank, und Seedling öffnet Modelle und Daten.</translation>
    </message>
    <message>
        <source>Chats of a backup are put back on the page of settings.</source>
        <translation>Chats einer Sicherung werden auf der Seite der Einstellungen zurückgespielt.</translation>
    </message>
    <message>
        <source>{place} is no file and no folder.</source>
        <translation>{place} ist weder Datei noch Ordner.</translation>
    </message>
    <message>
        <source>{place} holds Seedling&apos;s own settings.</source>
        <translation>{place} enthält Seedlings eigene Einstellungen.</translation>
    </message>
    <message>
        <source>They are changed on the page of settings.</source>
        <translation>Sie werden auf der Seite der Einstellungen geändert.</translation>
    </message>
    <message>
        <source>That is too much to open at once: at most {most} files.</source>
        <translation>Das ist zu viel auf einmal: höchstens {most} Dateien.</translation>
    </message>
    <message>
        <source>Open their folder instead.</source>
        <translation>Öffne stattdessen ihren Ordner.</translation>
    </message>
    <message>
        <source>This conversation is too long to be sent to the model: {size}, where {limit} fit.</source>
        <translation>Dieses Gespräch ist zu lang, um es dem Modell zu senden: {size}, und höchstens {limit} sind möglich.</translation>
    </message>
    <message>
        <source>Start a new chat, or send less text.</source>
        <translation>Beginne einen neuen Chat, oder sende weniger Text.</translation>
    </message>
    <message>
        <source>{place} lies on a network share or device.</source>
        <translation>{place} liegt auf einer Netzfreigabe oder einem Gerät.</translation>
    </message>
    <message>
        <source>Copy it to this computer first.</source>
        <translation>Kopiere es erst auf diesen Computer.</translation>
    </message>
    <message>
        <source>Another version of Seedling was installed while this one was open, so nothing more is started here.</source>
        <translation>Während Seedling offen war, wurde eine andere Version installiert, darum wird hier nichts mehr gestartet.</translation>
    </message>
    <message>
        <source>Nothing is lost. Close Seedling and open it again.</source>
        <translation>Nichts ist verloren. Schließ Seedling und öffne es wieder.</translation>
    </message>
    <message>
        <source>The model stopped unexpectedly: {reason}.</source>
        <translation>Das Modell ist unerwartet ausgefallen: {reason}.</translation>
    </message>
    <message>
        <source>Nothing is lost. Try again, or choose another model.</source>
        <translation>Nichts ist verloren. Versuch es noch einmal, oder wähle ein anderes Modell.</translation>
    </message>
    <message>
        <source>The model stopped {count} times within a minute, the last time for this reason: {reason}.</source>
        <translation>Das Modell ist innerhalb einer Minute {count}-mal ausgefallen, zuletzt aus diesem Grund: {reason}.</translation>
    </message>
    <message>
        <source>Choose another model, or try again later.</source>
        <translation>Wähle ein anderes Modell, oder versuch es später noch einmal.</translation>
    </message>
    <message>
        <source>The program that runs models could not be started: {reason}.</source>
        <translation>Das Programm, das Modelle ausführt, ließ sich nicht starten: {reason}.</translation>
    </message>
    <message>
        <source>Installing Seedling again may help.</source>
        <translation>Vielleicht hilft es, Seedling neu zu installieren.</translation>
    </message>
    <message>
        <source>There was not enough memory for the model.</source>
        <translation>Für das Modell war nicht genug Speicher da.</translation>
    </message>
    <message>
        <source>Choose a smaller model or a smaller context, or close other programs.</source>
        <translation>Wähle ein kleineres Modell oder einen kleineren Kontext, oder schließ andere Programme.</translation>
    </message>
    <message>
        <source>The model tells the better reply from the other one no better than a coin: {percent} % of the held-back pairs at step {step}.</source>
        <translation>Das Modell erkennt die bessere Antwort nicht öfter, als eine Münze es täte: bei Schritt {step} in {percent} % der zurückgehaltenen Paare.</translation>
    </message>
    <message>
        <source>Look at whether the two replies really differ; if they do, raise the learning rate or train longer.</source>
        <translation>Sieh nach, ob sich die beiden Antworten wirklich unterscheiden; wenn ja, erhöhe die Lernrate oder trainiere länger.</translation>
    </message>
    <message>
        <source>Nothing is learnt: the loss has been exactly zero since step {first}.</source>
        <translation>Nichts wird gelernt: Der Loss ist seit Schritt {first} genau null.</translation>
    </message>
    <message>
        <source>No token of the data counts. Look at what is learnt on the card of the data.</source>
        <translation>Kein Token der Daten zählt. Sieh auf der Karte der Daten nach, was gelernt wird.</translation>
    </message>
    <message>
        <source>The learning rate looks too high: the gradient has been far larger than before since step {step}.</source>
        <translation>Die Lernrate scheint zu hoch: Seit Schritt {step} ist der Gradient viel größer als zuvor.</translation>
    </message>
    <message>
        <source>Start again with a third of it, {rate}.</source>
        <translation>Beginne neu mit einem Drittel davon, {rate}.</translation>
    </message>
    <message>
        <source>The learning rate looks too high: the loss jumped at step {step} and has stayed up.</source>
        <translation>Die Lernrate scheint zu hoch: Bei Schritt {step} ist der Loss gesprungen und seither hoch geblieben.</translation>
    </message>
    <message>
        <source>After {step} steps the model does not prefer the better replies more than at first.</source>
        <translation>Nach {step} Schritten zieht das Modell die besseren Antworten nicht stärker vor als am Anfang.</translation>
    </message>
    <message>
        <source>Raise the learning rate or train longer; look at whether the two replies really differ.</source>
        <translation>Erhöhe die Lernrate oder trainiere länger; prüfe, ob sich die beiden Antworten wirklich unterscheiden.</translation>
    </message>
    <message>
        <source>The model begins to learn the data by heart: since step {best} the training loss fell by {fell:.2f} and the held-back loss rose by {rose:.2f}.</source>
        <translation>Das Modell beginnt, die Daten auswendig zu lernen: Seit Schritt {best} ist der Loss im Training um {fell:.2f} gefallen und auf den zurückgehaltenen Daten um {rose:.2f} gestiegen.</translation>
    </message>
    <message>
        <source>Stop here and keep the best, which is step {best}. More data or fewer passes would help.</source>
        <translation>Halte hier an und behalte den besten Stand, den von Schritt {best}. Mehr Daten oder weniger Durchgänge würden helfen.</translation>
    </message>
    <message>
        <source>Nothing has been learnt so far: the loss has stayed at {loss:.3f} since step {first}.</source>
        <translation>Bisher wurde nichts gelernt: Der Loss bleibt seit Schritt {first} bei {loss:.3f}.</translation>
    </message>
    <message>
        <source>Raise the learning rate, or look at whether the data fits the model.</source>
        <translation>Erhöhe die Lernrate, oder prüfe, ob die Daten zum Modell passen.</translation>
    </message>
    <message>
        <source>The model gives every text the label {label}.</source>
        <translation>Das Modell gibt jedem Text das Label {label}.</translation>
    </message>
    <message>
        <source>Rare labels need more examples; set classify.weights to balanced, or train longer.</source>
        <translation>Seltene Labels brauchen mehr Beispiele; setze classify.weights auf balanced, oder trainiere länger.</translation>
    </message>
    <message>
        <source>The better replies become unlikelier too: their reward fell to {reward:.1f} by step {step}.</source>
        <translation>Auch die besseren Antworten werden unwahrscheinlicher: Bis Schritt {step} ist ihre Belohnung auf {reward:.1f} gefallen.</translation>
    </message>
    <message>
        <source>A lower learning rate or a higher dpo.beta keeps the model closer to what it was.</source>
        <translation>Eine kleinere Lernrate oder ein höheres dpo.beta hält das Modell näher an dem, was es war.</translation>
    </message>
    <message>
        <source>A step takes {batch:,} of only {items:,} examples, so there are few steps in a pass.</source>
        <translation>Ein Schritt nimmt {batch:,} von nur {items:,} Beispielen, darum hat ein Durchgang wenige Schritte.</translation>
    </message>
    <message>
        <source>A batch_size of {fitting:,} makes more of them.</source>
        <translation>Mit batch_size {fitting:,} werden es mehr.</translation>
    </message>
    <message>
        <source>{rows:,} of {all:,} rows repeat another one, so held-back rows may be known already and the held-back loss looks better than it is.</source>
        <translation>{rows:,} von {all:,} Zeilen wiederholen eine andere. Zurückgehaltene Zeilen können also schon bekannt sein, und der Loss darauf sieht besser aus, als er ist.</translation>
    </message>
    <message>
        <source>Remove the repeated rows.</source>
        <translation>Entferne die wiederholten Zeilen.</translation>
    </message>
    <message>
        <source>{rows:,} rows also stand in the data for evaluation, so its scores will look better than they are.</source>
        <translation>{rows:,} Zeilen stehen auch in den Daten für die Auswertung; deren Ergebnisse werden besser aussehen, als sie sind.</translation>
    </message>
    <message>
        <source>Remove them from one of the two.</source>
        <translation>Entferne sie aus einem von beiden.</translation>
    </message>
    <message>
        <source>Training all weights this long or this fast on one kind of data, the model forgets other things it could do.</source>
        <translation>So lange oder so schnell mit allen Gewichten auf nur einer Art von Daten trainiert, verlernt das Modell anderes, was es konnte.</translation>
    </message>
    <message>
        <source>Mix in general text as replay: a tenth as much is a good start.</source>
        <translation>Misch allgemeinen Text als replay bei: Ein Zehntel der Menge ist ein guter Anfang.</translation>
    </message>
    <message>
        <source>Labels with under 10 texts: {rare}. The rarest, &quot;{label}&quot;, has {count}.</source>
        <translation>Labels mit unter 10 Texten: {rare}. Das seltenste, „{label}“, hat {count}.</translation>
    </message>
    <message>
        <source>The model gets the conversation as plain text.</source>
        <translation>Das Modell bekommt das Gespräch als reinen Text.</translation>
    </message>
    <message>
        <source>it is damaged</source>
        <translation>die Datei ist beschädigt</translation>
    </message>
    <message>
        <source>it belongs to another program</source>
        <translation>die Datei gehört zu einem anderen Programm</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>eines von {names}</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true oder false</translation>
    </message>
    <message>
        <source>it rewrites a message that spells special tokens</source>
        <translation>sie schreibt eine Nachricht um, in der besondere Token ausgeschrieben sind</translation>
    </message>
    <message>
        <source>its log is damaged</source>
        <translation>das Protokoll der Datenbank ist beschädigt</translation>
    </message>
    <message>
        <source>it is not a database</source>
        <translation>die Datei ist keine Datenbank</translation>
    </message>
    <message>
        <source>it reaches for {name} of a {kind}</source>
        <translation>sie greift auf {name} eines Objekts vom Typ {kind} zu</translation>
    </message>
    <message>
        <source>a namespace may not hold the name {name}</source>
        <translation>in einem namespace ist der Name {name} nicht erlaubt</translation>
    </message>
    <message>
        <source>{reason} (line {line})</source>
        <translation>{reason} (Zeile {line})</translation>
    </message>
    <message>
        <source>it nests without end</source>
        <translation>sie verschachtelt sich endlos</translation>
    </message>
    <message>
        <source>it made the process that renders it crash</source>
        <translation>sie hat den Prozess, der sie ausführt, zum Absturz gebracht</translation>
    </message>
    <message>
        <source>the process that renders it does not start</source>
        <translation>der Prozess, der sie ausführt, startet nicht</translation>
    </message>
    <message>
        <source>it is not UTF-8</source>
        <translation>sie ist nicht in UTF-8 geschrieben</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>conversation</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>preference</source>
        <translation>Präferenz</translation>
    </message>
    <message>
        <source>labelled</source>
        <translation>Text mit Label</translation>
    </message>
    <message>
        <source>choice</source>
        <translation>Multiple Choice</translation>
    </message>
    <message>
        <source>it is running text</source>
        <translation>es ist Fließtext</translation>
    </message>
    <message>
        <source>{reason}; not read: {columns}</source>
        <translation>{reason}; nicht gelesen: {columns}</translation>
    </message>
    <message>
        <source>{file} {note}.</source>
        <translation>{file} {note}.</translation>
    </message>
    <message>
        <source>If it is text, save it as UTF-8.</source>
        <translation>Wenn es Text ist, speichere ihn als UTF-8.</translation>
    </message>
    <message>
        <source>UTF-32 without its byte-order mark</source>
        <translation>UTF-32 ohne Byte-Order-Mark</translation>
    </message>
    <message>
        <source>UTF-16 (little-endian) without its byte-order mark</source>
        <translation>UTF-16 (Little Endian) ohne Byte-Order-Mark</translation>
    </message>
    <message>
        <source>UTF-16 (big-endian) without its byte-order mark</source>
        <translation>UTF-16 (Big Endian) ohne Byte-Order-Mark</translation>
    </message>
    <message>
        <source>line {line} holds a NUL byte</source>
        <translation>Zeile {line} enthält ein NUL-Byte</translation>
    </message>
    <message>
        <source>byte {byte} is no valid {encoding}</source>
        <translation>Byte {byte} ist kein gültiges {encoding}</translation>
    </message>
    <message>
        <source>is not UTF-8 and was read as Windows-1252</source>
        <translation>ist nicht in UTF-8 und wurde als Windows-1252 gelesen</translation>
    </message>
    <message>
        <source>{roles} are not the roles of one kind ({wanted})</source>
        <translation>{roles} sind nicht die Rollen einer einzigen Art ({wanted})</translation>
    </message>
    <message>
        <source>none of them are running text</source>
        <translation>keine davon ist Fließtext</translation>
    </message>
    <message>
        <source>none of them are conversations</source>
        <translation>keine davon enthält Gespräche</translation>
    </message>
    <message>
        <source>none of them are preference pairs</source>
        <translation>keine davon enthält Präferenzpaare</translation>
    </message>
    <message>
        <source>none of them are texts with labels</source>
        <translation>keine davon enthält Texte mit Labels</translation>
    </message>
    <message>
        <source>none of them are multiple choice questions</source>
        <translation>keine davon enthält Multiple-Choice-Fragen</translation>
    </message>
    <message>
        <source>{word} is no role; the roles are {roles}</source>
        <translation>{word} ist keine Rolle; die Rollen sind {roles}</translation>
    </message>
    <message>
        <source>it has a question, choices ({columns}) and an answer</source>
        <translation>es gibt eine Frage, Auswahlmöglichkeiten ({columns}) und eine Antwort</translation>
    </message>
    <message>
        <source>Do its answers count from 0 or from 1? No row tells.</source>
        <translation>Zählen die Antworten ab 0 oder ab 1? Aus keiner Zeile geht es hervor.</translation>
    </message>
    <message>
        <source>its last column is a letter from A to {last} and {count} choices stand before</source>
        <translation>die letzte Spalte ist ein Buchstabe von A bis {last}, und davor stehen {count} Auswahlmöglichkeiten</translation>
    </message>
    <message>
        <source>`{column}` is a list of texts, spoken in turn</source>
        <translation>`{column}` ist eine Liste von Texten, die abwechselnd gesprochen werden</translation>
    </message>
    <message>
        <source>it has `{prompt}` and `{response}`</source>
        <translation>es gibt `{prompt}` und `{response}`</translation>
    </message>
    <message>
        <source>question and answer</source>
        <translation>Frage und Antwort</translation>
    </message>
    <message>
        <source>prompt and completion</source>
        <translation>Prompt und Fortsetzung</translation>
    </message>
    <message>
        <source>`{column}` is running text</source>
        <translation>`{column}` ist Fließtext</translation>
    </message>
    <message>
        <source>its columns are {columns}, and {verdict}</source>
        <translation>die Spalten heißen {columns}, und {verdict}</translation>
    </message>
    <message>
        <source>Say what it is (text, conversation, preference, labelled or choice), or which column is read as what.</source>
        <translation>Gib an, was es ist (Fließtext, Gespräche, Präferenzen, Texte mit Labels oder Multiple-Choice-Fragen), oder welche Spalte als was gelesen wird.</translation>
    </message>
    <message>
        <source>{names} and {count} more</source>
        <translation>{names} und {count} weitere</translation>
    </message>
    <message>
        <source>{kind} needs {roles}</source>
        <translation>{kind} braucht {roles}</translation>
    </message>
    <message>
        <source>{first} or {other}</source>
        <translation>{first} oder {other}</translation>
    </message>
    <message>
        <source>it has {columns}, and the prompt is what both begin with</source>
        <translation>es gibt {columns}, und der Prompt ist das, womit beide beginnen</translation>
    </message>
    <message>
        <source>it has {columns}, after `{prompt}`</source>
        <translation>es gibt {columns}, im Anschluss an `{prompt}`</translation>
    </message>
    <message>
        <source>it has trees of messages (`mapping` and `current_node`)</source>
        <translation>es gibt Bäume von Nachrichten (`mapping` und `current_node`)</translation>
    </message>
    <message>
        <source>messages</source>
        <translation>Nachrichten</translation>
    </message>
    <message>
        <source>Which of {columns} is the conversation?</source>
        <translation>Welche Spalte ist das Gespräch: {columns}?</translation>
    </message>
    <message>
        <source>several columns hold messages: {columns}</source>
        <translation>mehrere Spalten enthalten Nachrichten: {columns}</translation>
    </message>
    <message>
        <source>`{column}` is a list of from and value</source>
        <translation>`{column}` ist eine Liste von from und value</translation>
    </message>
    <message>
        <source>`{column}` is a list of messages</source>
        <translation>`{column}` ist eine Liste von Nachrichten</translation>
    </message>
    <message>
        <source>its turns may all be questions</source>
        <translation>vielleicht sind alle Beiträge Fragen</translation>
    </message>
    <message>
        <source>Are the `{column}` in turn those of a person and of the assistant, or all of the person?</source>
        <translation>Sind die `{column}` abwechselnd die eines Menschen und die des Assistenten, oder alle die des Menschen?</translation>
    </message>
    <message>
        <source>its answers are marked good or bad</source>
        <translation>die Antworten sind als gut oder schlecht gekennzeichnet</translation>
    </message>
    <message>
        <source>`{column}` says whether an answer is good. Shall every answer be learnt?</source>
        <translation>`{column}` sagt, ob eine Antwort gut ist. Soll jede Antwort gelernt werden?</translation>
    </message>
    <message>
        <source>{columns} mean the same</source>
        <translation>{columns} bedeuten dasselbe</translation>
    </message>
    <message>
        <source>`{label}` names a class for each `{text}`</source>
        <translation>`{label}` nennt zu jedem `{text}` eine Klasse</translation>
    </message>
    <message>
        <source>Is `{label}` the class of `{text}`, or is `{text}` to be read as running text?</source>
        <translation>Ist `{label}` die Klasse von `{text}`, oder soll `{text}` als Fließtext gelesen werden?</translation>
    </message>
    <message>
        <source>no known format reads what they hold</source>
        <translation>kein bekanntes Format liest, was darin steht</translation>
    </message>
    <message>
        <source>the columns were named by hand</source>
        <translation>die Spalten wurden von Hand zugeordnet</translation>
    </message>
    <message>
        <source>preference pairs</source>
        <translation>Präferenzpaare</translation>
    </message>
    <message>
        <source>ranked answers</source>
        <translation>Antworten mit Rängen</translation>
    </message>
    <message>
        <source>multiple choice</source>
        <translation>Multiple Choice</translation>
    </message>
    <message>
        <source>turns</source>
        <translation>Redebeiträge</translation>
    </message>
    <message>
        <source>Which of {columns} is to be answered?</source>
        <translation>Welche Spalte soll beantwortet werden: {columns}?</translation>
    </message>
    <message>
        <source>Which of {columns} is to be learnt?</source>
        <translation>Welche Spalte soll gelernt werden: {columns}?</translation>
    </message>
    <message>
        <source>column {label} has {count} different values and column {text} is text</source>
        <translation>Spalte {label} hat {count} verschiedene Werte, und Spalte {text} ist Text</translation>
    </message>
    <message>
        <source>Is column {label} the class of the text in column {text}?</source>
        <translation>Ist Spalte {label} die Klasse des Textes in Spalte {text}?</translation>
    </message>
    <message>
        <source>its rows are truth values</source>
        <translation>die Zeilen sind Wahrheitswerte</translation>
    </message>
    <message>
        <source>its rows are numbers</source>
        <translation>die Zeilen sind Zahlen</translation>
    </message>
    <message>
        <source>its rows are texts</source>
        <translation>die Zeilen sind Texte</translation>
    </message>
    <message>
        <source>its rows are lists</source>
        <translation>die Zeilen sind Listen</translation>
    </message>
    <message>
        <source>its rows are null</source>
        <translation>die Zeilen sind leer (null)</translation>
    </message>
    <message>
        <source>its rows are objects</source>
        <translation>die Zeilen sind Objekte</translation>
    </message>
    <message>
        <source>there is no column {column}; there are {columns}</source>
        <translation>es gibt keine Spalte {column}, sondern {columns}</translation>
    </message>
    <message>
        <source>mapped</source>
        <translation>zugeordnet</translation>
    </message>
    <message>
        <source>ChatGPT export</source>
        <translation>ChatGPT-Export</translation>
    </message>
    <message>
        <source>its rows are lists of messages</source>
        <translation>die Zeilen sind Listen von Nachrichten</translation>
    </message>
    <message>
        <source>classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>none of its first rows can be read</source>
        <translation>keine der ersten Zeilen lässt sich lesen</translation>
    </message>
    <message>
        <source>has a text longer than {size} MB, which is read in parts</source>
        <translation>enthält einen Text von mehr als {size} MB, der in Teilen gelesen wird</translation>
    </message>
    <message>
        <source>the chat template rewrites a message that spells special tokens</source>
        <translation>die Chatvorlage schreibt eine Nachricht um, in der Spezialtoken ausgeschrieben sind</translation>
    </message>
    <message>
        <source>The chat template writes nothing behind a last reply, so the token that ends a text is put there.</source>
        <translation>Die Chatvorlage schreibt nichts hinter eine letzte Antwort; darum wird dort das Token gesetzt, das einen Text beendet.</translation>
    </message>
    <message>
        <source>Looking at the data</source>
        <translation>Die Daten werden angesehen</translation>
    </message>
    <message>
        <source>Counting tokens</source>
        <translation>Token werden gezählt</translation>
    </message>
    <message>
        <source>has halves of characters (lone surrogates), which were replaced</source>
        <translation>enthält halbe Zeichen (einzelne Surrogate), die ersetzt wurden</translation>
    </message>
    <message>
        <source>{name} is no number in JSON</source>
        <translation>{name} ist in JSON keine Zahl</translation>
    </message>
    <message>
        <source>not valid JSON ({problem} at character {place})</source>
        <translation>kein gültiges JSON (bei Zeichen {place}: {problem})</translation>
    </message>
    <message>
        <source>not valid JSON (a value is missing)</source>
        <translation>kein gültiges JSON (ein Wert fehlt)</translation>
    </message>
    <message>
        <source>nested too deeply</source>
        <translation>zu tief verschachtelt</translation>
    </message>
    <message>
        <source>not valid JSON ({problem})</source>
        <translation>kein gültiges JSON ({problem})</translation>
    </message>
    <message>
        <source>the object around the rows does not end as it should</source>
        <translation>das Objekt um die Zeilen endet nicht, wie es sollte</translation>
    </message>
    <message>
        <source>not valid JSON (extra data at character {place})</source>
        <translation>kein gültiges JSON (überzählige Daten ab Zeichen {place})</translation>
    </message>
    <message>
        <source>something follows the array</source>
        <translation>nach dem Array folgt noch etwas</translation>
    </message>
    <message>
        <source>a value is missing</source>
        <translation>ein Wert fehlt</translation>
    </message>
    <message>
        <source>has its rows under `{name}`</source>
        <translation>hat die Zeilen unter `{name}`</translation>
    </message>
    <message>
        <source>a comma stands before the end of the array</source>
        <translation>vor dem Ende des Arrays steht ein Komma</translation>
    </message>
    <message>
        <source>a comma or the end of the array is missing</source>
        <translation>ein Komma oder das Ende des Arrays fehlt</translation>
    </message>
    <message>
        <source>the array does not end</source>
        <translation>das Array hat kein Ende</translation>
    </message>
    <message>
        <source>Labels that occur once are only trained on, never evaluated: {labels}.</source>
        <translation>Mit Labels, die nur einmal vorkommen, wird trainiert, aber nie ausgewertet: {labels}.</translation>
    </message>
    <message>
        <source>their label is none of those known</source>
        <translation>das Label ist keines der bekannten</translation>
    </message>
    <message>
        <source>they have no text</source>
        <translation>der Text fehlt</translation>
    </message>
    <message>
        <source>a text in it is no valid UTF-8</source>
        <translation>ein Text darin ist kein gültiges UTF-8</translation>
    </message>
    <message>
        <source>{file}, line {line}</source>
        <translation>{file}, Zeile {line}</translation>
    </message>
    <message>
        <source>{place}, was left out: {reason}.</source>
        <translation>Weggelassen wurde {place}: {reason}.</translation>
    </message>
    <message>
        <source>The labels {labels} look alike.</source>
        <translation>Die Labels {labels} sehen sich ähnlich.</translation>
    </message>
    <message>
        <source>&quot;{label}&quot;</source>
        <translation>„{label}“</translation>
    </message>
    <message>
        <source>{count:,} more row of {all:,} was left out.</source>
        <translation>Von {all:,} Zeilen wurde {count:,} weitere weggelassen.</translation>
    </message>
    <message>
        <source>{count:,} more rows of {all:,} were left out.</source>
        <translation>Von {all:,} Zeilen wurden {count:,} weitere weggelassen.</translation>
    </message>
    <message>
        <source>Of {count:,} row left out, the answer is empty.</source>
        <translation>Bei {count:,} weggelassenen Zeile ist die Antwort leer.</translation>
    </message>
    <message>
        <source>Of {count:,} rows left out, the answer is empty.</source>
        <translation>Bei {count:,} weggelassenen Zeilen ist die Antwort leer.</translation>
    </message>
    <message>
        <source>{count:,} row was left out, as the recipe says.</source>
        <translation>{count:,} Zeile wurde weggelassen, wie es im Rezept steht.</translation>
    </message>
    <message>
        <source>{count:,} rows were left out, as the recipe says.</source>
        <translation>{count:,} Zeilen wurden weggelassen, wie es im Rezept steht.</translation>
    </message>
    <message>
        <source>{count:,} row repeats an earlier one exactly, first {place}.</source>
        <translation>{count:,} Zeile wiederholt genau eine frühere: {place}.</translation>
    </message>
    <message>
        <source>{count:,} rows repeat an earlier one exactly, first {place}.</source>
        <translation>{count:,} Zeilen wiederholen genau eine frühere, zuerst {place}.</translation>
    </message>
    <message>
        <source>{count:,} row is longer than {limit:,} characters.</source>
        <translation>{count:,} Zeile ist länger als {limit:,} Zeichen.</translation>
    </message>
    <message>
        <source>{count:,} rows are longer than {limit:,} characters.</source>
        <translation>{count:,} Zeilen sind länger als {limit:,} Zeichen.</translation>
    </message>
    <message>
        <source>{count:,} row also stands in the evaluation data, first {place}.</source>
        <translation>{count:,} Zeile steht auch in den Daten für die Auswertung: {place}.</translation>
    </message>
    <message>
        <source>{count:,} rows also stand in the evaluation data, first {place}.</source>
        <translation>{count:,} Zeilen stehen auch in den Daten für die Auswertung, zuerst {place}.</translation>
    </message>
    <message>
        <source>A label occurs only once: {labels}.</source>
        <translation>Ein Label kommt nur einmal vor: {labels}.</translation>
    </message>
    <message>
        <source>{count:,} labels occur only once: {labels}.</source>
        <translation>{count:,} Labels kommen nur einmal vor: {labels}.</translation>
    </message>
    <message>
        <source>{count:,} conversation lost its last turns, which did not fit into max_length.</source>
        <translation>{count:,} Gespräch verlor die letzten Beiträge, die nicht in max_length passten.</translation>
    </message>
    <message>
        <source>{count:,} conversations lost their last turns, which did not fit into max_length.</source>
        <translation>{count:,} Gespräche verloren die letzten Beiträge, die nicht in max_length passten.</translation>
    </message>
    <message>
        <source>{count:,} conversation was left out: not even its first reply fits into max_length.</source>
        <translation>{count:,} Gespräch wurde weggelassen: Nicht einmal die erste Antwort passt in max_length.</translation>
    </message>
    <message>
        <source>{count:,} conversations were left out: not even their first reply fits into max_length.</source>
        <translation>{count:,} Gespräche wurden weggelassen: Nicht einmal die erste Antwort passt in max_length.</translation>
    </message>
    <message>
        <source>{count:,} row was left out: nothing in it is to be learnt.</source>
        <translation>{count:,} Zeile wurde weggelassen: Nichts darin soll gelernt werden.</translation>
    </message>
    <message>
        <source>{count:,} rows were left out: nothing in them is to be learnt.</source>
        <translation>{count:,} Zeilen wurden weggelassen: Nichts darin soll gelernt werden.</translation>
    </message>
    <message>
        <source>{count:,} pair was left out: one of the two does not fit into max_length.</source>
        <translation>{count:,} Paar wurde weggelassen: Eine der beiden Antworten passt nicht in max_length.</translation>
    </message>
    <message>
        <source>{count:,} pairs were left out: one of the two does not fit into max_length.</source>
        <translation>{count:,} Paare wurden weggelassen: Eine der beiden Antworten passt nicht in max_length.</translation>
    </message>
    <message>
        <source>{count:,} pair was left out: both are the same.</source>
        <translation>{count:,} Paar wurde weggelassen: Beide Antworten sind gleich.</translation>
    </message>
    <message>
        <source>{count:,} pairs were left out: both are the same.</source>
        <translation>{count:,} Paare wurden weggelassen: Beide Antworten sind gleich.</translation>
    </message>
    <message>
        <source>{count:,} text lost its end, which did not fit into max_length.</source>
        <translation>{count:,} Text verlor sein Ende, das nicht in max_length passte.</translation>
    </message>
    <message>
        <source>{count:,} texts lost their ends, which did not fit into max_length.</source>
        <translation>{count:,} Texte verloren ihr Ende, das nicht in max_length passte.</translation>
    </message>
    <message>
        <source>{count:,} row was left out: {reason}.</source>
        <translation>{count:,} Zeile wurde weggelassen: {reason}.</translation>
    </message>
    <message>
        <source>{count:,} rows were left out: {reason}.</source>
        <translation>{count:,} Zeilen wurden weggelassen: {reason}.</translation>
    </message>
    <message>
        <source>it is longer than {size} MB</source>
        <translation>länger als {size} MB</translation>
    </message>
    <message>
        <source>it is not valid UTF-8</source>
        <translation>kein gültiges UTF-8</translation>
    </message>
    <message>
        <source>nothing in it is to be learnt</source>
        <translation>nichts darin soll gelernt werden</translation>
    </message>
    <message>
        <source>it is a question of an evaluation, which is not trained on</source>
        <translation>es ist eine Frage zum Auswerten, mit der nicht trainiert wird</translation>
    </message>
    <message>
        <source>it has no text</source>
        <translation>der Text fehlt</translation>
    </message>
    <message>
        <source>its chosen answer is empty</source>
        <translation>die bessere Antwort ist leer</translation>
    </message>
    <message>
        <source>its rejected answer is empty</source>
        <translation>die schlechtere Antwort ist leer</translation>
    </message>
    <message>
        <source>its chosen messages do not end with a reply</source>
        <translation>die besseren Nachrichten enden nicht mit einer Antwort</translation>
    </message>
    <message>
        <source>its rejected messages do not end with a reply</source>
        <translation>die schlechteren Nachrichten enden nicht mit einer Antwort</translation>
    </message>
    <message>
        <source>its `{column}` is not text</source>
        <translation>`{column}` ist kein Text</translation>
    </message>
    <message>
        <source>it is not an object</source>
        <translation>es ist kein Objekt</translation>
    </message>
    <message>
        <source>its `mapping` is not a tree of messages</source>
        <translation>`mapping` ist kein Baum von Nachrichten</translation>
    </message>
    <message>
        <source>its `current_node` is not in its `mapping`</source>
        <translation>`current_node` steht nicht in `mapping`</translation>
    </message>
    <message>
        <source>its `{column}` are not a list of objects</source>
        <translation>`{column}` ist keine Liste von Objekten</translation>
    </message>
    <message>
        <source>the content of a message is not text</source>
        <translation>der Inhalt einer Nachricht ist kein Text</translation>
    </message>
    <message>
        <source>it has no reply of the assistant</source>
        <translation>eine Antwort des Assistenten fehlt</translation>
    </message>
    <message>
        <source>its `{column}` are not answers of different ranks</source>
        <translation>`{column}` enthält keine Antworten mit verschiedenen Rängen</translation>
    </message>
    <message>
        <source>its answer is empty</source>
        <translation>die Antwort ist leer</translation>
    </message>
    <message>
        <source>its answer {answer} is none of its choices</source>
        <translation>die Antwort {answer} ist keine der Auswahlmöglichkeiten</translation>
    </message>
    <message>
        <source>it has no `{column}`</source>
        <translation>`{column}` fehlt</translation>
    </message>
    <message>
        <source>its text is empty</source>
        <translation>der Text ist leer</translation>
    </message>
    <message>
        <source>its label is empty</source>
        <translation>das Label ist leer</translation>
    </message>
    <message>
        <source>the weight of a message is {weight}, and only 0 and 1 are read</source>
        <translation>das Gewicht einer Nachricht ist {weight}, und nur 0 und 1 werden gelesen</translation>
    </message>
    <message>
        <source>its `{column}` are not a list of texts</source>
        <translation>`{column}` ist keine Liste von Texten</translation>
    </message>
    <message>
        <source>its `{column}` is not a list of question and answer</source>
        <translation>`{column}` ist keine Liste von Frage und Antwort</translation>
    </message>
    <message>
        <source>a message calls a tool without words</source>
        <translation>eine Nachricht ruft ein Werkzeug auf, ohne etwas zu sagen</translation>
    </message>
    <message>
        <source>a message has no content</source>
        <translation>eine Nachricht hat keinen Inhalt</translation>
    </message>
    <message>
        <source>two messages of the {role} follow one another</source>
        <translation>zwei Nachrichten der Rolle {role} folgen aufeinander</translation>
    </message>
    <message>
        <source>its chosen and rejected answers are equal</source>
        <translation>die bessere und die schlechtere Antwort sind gleich</translation>
    </message>
    <message>
        <source>its chosen and rejected answers have no prompt in common</source>
        <translation>die bessere und die schlechtere Antwort haben keinen gemeinsamen Prompt</translation>
    </message>
    <message>
        <source>its `{column}` is empty</source>
        <translation>`{column}` ist leer</translation>
    </message>
    <message>
        <source>a message has a part that is not text, and only text is read</source>
        <translation>eine Nachricht hat einen Teil, der kein Text ist, und nur Text wird gelesen</translation>
    </message>
    <message>
        <source>a message has a part that is {kind}, and only text is read</source>
        <translation>eine Nachricht hat einen Teil der Art {kind}, und nur Text wird gelesen</translation>
    </message>
    <message>
        <source>it begins with a reply</source>
        <translation>am Anfang steht eine Antwort</translation>
    </message>
    <message>
        <source>a message of the system stands in its middle</source>
        <translation>eine Nachricht des Systems steht in der Mitte</translation>
    </message>
    <message>
        <source>its question is empty</source>
        <translation>die Frage ist leer</translation>
    </message>
    <message>
        <source>its `{column}` are not a list</source>
        <translation>`{column}` ist keine Liste</translation>
    </message>
    <message>
        <source>it has fewer than two choices</source>
        <translation>es gibt weniger als zwei Auswahlmöglichkeiten</translation>
    </message>
    <message>
        <source>one of its choices is empty</source>
        <translation>eine der Auswahlmöglichkeiten ist leer</translation>
    </message>
    <message>
        <source>a message has the unknown role {role}</source>
        <translation>eine Nachricht hat die unbekannte Rolle {role}</translation>
    </message>
    <message>
        <source>a message has no role</source>
        <translation>eine Nachricht hat keine Rolle</translation>
    </message>
    <message>
        <source>a tool answers that was not called</source>
        <translation>ein Werkzeug antwortet, das nicht aufgerufen wurde</translation>
    </message>
    <message>
        <source>it has no prompt</source>
        <translation>der Prompt fehlt</translation>
    </message>
    <message>
        <source>it has {count} cell where {width} belong</source>
        <translation>{count} Zelle statt {width}</translation>
    </message>
    <message>
        <source>it has {count} cells where {width} belong</source>
        <translation>{count} Zellen statt {width}</translation>
    </message>
    <message>
        <source>has no header, so its first line is a row and its columns are called 1, 2 and so on</source>
        <translation>hat keine Kopfzeile; darum gilt schon die erste Zeile als Daten, und die Spalten heißen 1, 2 und so weiter</translation>
    </message>
    <message>
        <source>characters follow a closing quote</source>
        <translation>nach einem schließenden Anführungszeichen folgen noch Zeichen</translation>
    </message>
    <message>
        <source>a quote is opened and not closed</source>
        <translation>ein Anführungszeichen wird geöffnet und nicht geschlossen</translation>
    </message>
    <message>
        <source>Save it as parquet.</source>
        <translation>Speichere die Datei als Parquet.</translation>
    </message>
    <message>
        <source>it is packed twice</source>
        <translation>es ist doppelt gepackt</translation>
    </message>
    <message>
        <source>it is a picture</source>
        <translation>es ist ein Bild</translation>
    </message>
    <message>
        <source>it is a zip archive or an office document</source>
        <translation>es ist ein ZIP-Archiv oder ein Office-Dokument</translation>
    </message>
    <message>
        <source>Unpack it, or save the table as CSV.</source>
        <translation>Entpacke die Datei, oder speichere die Tabelle als CSV.</translation>
    </message>
    <message>
        <source>it is an empty zip archive</source>
        <translation>es ist ein leeres ZIP-Archiv</translation>
    </message>
    <message>
        <source>it is a 7z archive</source>
        <translation>es ist ein 7z-Archiv</translation>
    </message>
    <message>
        <source>it is a rar archive</source>
        <translation>es ist ein RAR-Archiv</translation>
    </message>
    <message>
        <source>it is packed with bzip2</source>
        <translation>es ist mit bzip2 gepackt</translation>
    </message>
    <message>
        <source>Unpack it first, or pack it as .gz, .xz or .zst.</source>
        <translation>Entpacke die Datei erst selbst, oder packe sie als .gz, .xz oder .zst.</translation>
    </message>
    <message>
        <source>it is a packed parquet file</source>
        <translation>es ist eine gepackte Parquet-Datei</translation>
    </message>
    <message>
        <source>Unpack it first; parquet is packed inside.</source>
        <translation>Entpacke die Datei erst selbst; Parquet ist in sich schon gepackt.</translation>
    </message>
    <message>
        <source>it is an Arrow file</source>
        <translation>es ist eine Arrow-Datei</translation>
    </message>
    <message>
        <source>it is an ORC file</source>
        <translation>es ist eine ORC-Datei</translation>
    </message>
    <message>
        <source>it is a PDF</source>
        <translation>es ist ein PDF</translation>
    </message>
    <message>
        <source>Save its text as .txt.</source>
        <translation>Speichere den Text als .txt.</translation>
    </message>
    <message>
        <source>it is a model</source>
        <translation>es ist ein Modell</translation>
    </message>
    <message>
        <source>it is a database</source>
        <translation>es ist eine Datenbank</translation>
    </message>
    <message>
        <source>Export its table as CSV.</source>
        <translation>Exportiere die Tabelle als CSV.</translation>
    </message>
    <message>
        <source>it is a program</source>
        <translation>es ist ein Programm</translation>
    </message>
    <message>
        <source>it is an old office document</source>
        <translation>es ist ein altes Office-Dokument</translation>
    </message>
    <message>
        <source>Save its table as CSV, or its text as .txt.</source>
        <translation>Speichere die Tabelle als CSV oder den Text als .txt.</translation>
    </message>
    <message>
        <source>it is a rich text document</source>
        <translation>es ist ein RTF-Dokument</translation>
    </message>
    <message>
        <source>it is a tar archive</source>
        <translation>es ist ein TAR-Archiv</translation>
    </message>
    <message>
        <source>it ends too early</source>
        <translation>die Datei endet zu früh</translation>
    </message>
    <message>
        <source>{size:,} MB</source>
        <translation>{size:,} MB</translation>
    </message>
    <message>
        <source>The chat template shows a reply otherwise than it asks for one, so learning begins with the reply itself, behind {opening}.</source>
        <translation>Die Chatvorlage zeigt eine Antwort anders, als sie danach fragt; darum beginnt das Lernen erst bei der Antwort selbst, hinter {opening}.</translation>
    </message>
    <message>
        <source>the chat template rewrites its replies, so that they cannot be told from the rest</source>
        <translation>die Chatvorlage schreibt die Antworten so um, dass sie sich vom Rest nicht unterscheiden lassen</translation>
    </message>
    <message>
        <source>{count:,} message is shortened or rewritten by the chat template.</source>
        <translation>{count:,} Nachricht wird von der Chatvorlage gekürzt oder umgeschrieben.</translation>
    </message>
    <message>
        <source>{count:,} messages are shortened or rewritten by the chat template.</source>
        <translation>{count:,} Nachrichten werden von der Chatvorlage gekürzt oder umgeschrieben.</translation>
    </message>
    <message>
        <source>{count:,} message of the role {role} is left out by the chat template.</source>
        <translation>{count:,} Nachricht der Rolle {role} lässt die Chatvorlage weg.</translation>
    </message>
    <message>
        <source>{count:,} messages of the role {role} are left out by the chat template.</source>
        <translation>{count:,} Nachrichten der Rolle {role} lässt die Chatvorlage weg.</translation>
    </message>
    <message>
        <source>{count:,} reply is not learnt: the chat template rewrites it when more follows.</source>
        <translation>{count:,} Antwort wird nicht gelernt: Die Chatvorlage schreibt sie um, wenn noch etwas folgt.</translation>
    </message>
    <message>
        <source>{count:,} replies are not learnt: the chat template rewrites them when more follows.</source>
        <translation>{count:,} Antworten werden nicht gelernt: Die Chatvorlage schreibt sie um, wenn noch etwas folgt.</translation>
    </message>
    <message>
        <source>{count} text was left out: its label is none of the classifier&apos;s.</source>
        <translation>{count} Text blieb weg: Sein Label kennt der Klassifikator nicht.</translation>
    </message>
    <message>
        <source>{count} texts were left out: their label is none of the classifier&apos;s.</source>
        <translation>{count} Texte blieben weg: Ihre Labels kennt der Klassifikator nicht.</translation>
    </message>
    <message>
        <source>Bits per byte are left out: {place} lacks {training} or {held_out}.</source>
        <translation>Bits pro Byte entfallen: In {place} fehlt {training} oder {held_out}.</translation>
    </message>
    <message>
        <source>Counting the 5-grams</source>
        <translation>5-Gramme werden gezählt</translation>
    </message>
    <message>
        <source>Reading the text</source>
        <translation>Der Text wird gelesen</translation>
    </message>
    <message>
        <source>Reading the model</source>
        <translation>Das Modell wird gelesen</translation>
    </message>
    <message>
        <source>Measuring {type}</source>
        <translation>{type} wird gemessen</translation>
    </message>
    <message>
        <source>its matrices are {found}, where {fitting} fit</source>
        <translation>seine Matrizen sind {found}, passen würden {fitting}</translation>
    </message>
    <message>
        <source>{family} has no matrix of this name</source>
        <translation>{family} hat keine Matrix dieses Namens</translation>
    </message>
    <message>
        <source>it is not part of a LoRA adapter</source>
        <translation>er gehört nicht zu einem LoRA-Adapter</translation>
    </message>
    <message>
        <source>only its {half} is there</source>
        <translation>nur sein {half} ist da</translation>
    </message>
    <message>
        <source>it holds no tensors</source>
        <translation>die Datei enthält keine Tensoren</translation>
    </message>
    <message>
        <source>the tensor {tensor} holds values that are not finite numbers</source>
        <translation>der Tensor {tensor} enthält Werte, die keine endlichen Zahlen sind</translation>
    </message>
    <message>
        <source>the mean KL divergence</source>
        <translation>die mittlere KL-Divergenz</translation>
    </message>
    <message>
        <source>the 99th percentile of the KL divergence</source>
        <translation>das 99. Perzentil der KL-Divergenz</translation>
    </message>
    <message>
        <source>the share of different likeliest tokens</source>
        <translation>der Anteil anderer wahrscheinlichster Token</translation>
    </message>
    <message>
        <source>the ratio of the perplexities</source>
        <translation>das Verhältnis der Perplexitäten</translation>
    </message>
    <message>
        <source>the tokens</source>
        <translation>den Token</translation>
    </message>
    <message>
        <source>the chat template</source>
        <translation>der Chatvorlage</translation>
    </message>
    <message>
        <source>the greedy text</source>
        <translation>dem Text aus den wahrscheinlichsten Token</translation>
    </message>
    <message>
        <source>the largest difference of two logits</source>
        <translation>der größte Unterschied zweier Logits</translation>
    </message>
    <message>
        <source>the ids of the probe text</source>
        <translation>den Token-Nummern des Probetexts</translation>
    </message>
    <message>
        <source>the largest difference of two logits for greedy token {number}</source>
        <translation>der größte Unterschied zweier Logits beim {number}. Token</translation>
    </message>
    <message>
        <source>the margin by which greedy token {number} differs</source>
        <translation>der Abstand, um den das {number}. Token abweicht,</translation>
    </message>
    <message>
        <source>does not name the classes 0, 1, 2, …</source>
        <translation>benennt die Klassen 0, 1, 2, … nicht</translation>
    </message>
    <message>
        <source>does not name the classes</source>
        <translation>benennt die Klassen nicht</translation>
    </message>
    <message>
        <source>({found}) must equal heads ({heads}) in the shape {shape}</source>
        <translation>({found}) muss bei der Bauform {shape} gleich heads ({heads}) sein</translation>
    </message>
    <message>
        <source>({found}) must give an even number, because positions rotate pairs of numbers</source>
        <translation>({found}) muss eine gerade Zahl ergeben, weil Positionen Paare von Zahlen drehen</translation>
    </message>
    <message>
        <source>is {found}, but must be linear or llama3</source>
        <translation>ist {found}, muss aber linear oder llama3 sein</translation>
    </message>
    <message>
        <source>({found}) must be above rope_low_factor ({low})</source>
        <translation>({found}) muss größer als rope_low_factor ({low}) sein</translation>
    </message>
    <message>
        <source>({found}) must divide the width ({width})</source>
        <translation>({found}) muss die Breite ({width}) ohne Rest teilen</translation>
    </message>
    <message>
        <source>must be from {least} to {most:,}, not {found}</source>
        <translation>muss zwischen {least} und {most:,} liegen, nicht bei {found}</translation>
    </message>
    <message>
        <source>The model&apos;s configuration</source>
        <translation>Die Konfiguration des Modells</translation>
    </message>
    <message>
        <source>is {found}, but must be one of {known}</source>
        <translation>ist {found}, muss aber eines von {known} sein</translation>
    </message>
    <message>
        <source>({found}) must divide the heads ({heads})</source>
        <translation>({found}) muss heads ({heads}) ohne Rest teilen</translation>
    </message>
    <message>
        <source>({heads}) times head_dim ({head_dim}) must be the width ({width})</source>
        <translation>({heads}) mal head_dim ({head_dim}) muss die Breite ({width}) ergeben</translation>
    </message>
    <message>
        <source>({found}) times head_dim ({head_dim}) is above {most:,}</source>
        <translation>({found}) mal head_dim ({head_dim}) ist größer als {most:,}</translation>
    </message>
    <message>
        <source>must be a whole number, not {found}</source>
        <translation>muss eine ganze Zahl sein, nicht {found}</translation>
    </message>
    <message>
        <source>must be left out in the shape {shape}</source>
        <translation>muss bei der Bauform {shape} weggelassen werden</translation>
    </message>
    <message>
        <source>must be on in the shape {shape}</source>
        <translation>muss bei der Bauform {shape} gesetzt sein</translation>
    </message>
    <message>
        <source>must be above 0 where rope_scaling is {kind}</source>
        <translation>muss größer als 0 sein, wenn rope_scaling {kind} ist</translation>
    </message>
    <message>
        <source>must be a number, not {found}</source>
        <translation>muss eine Zahl sein, nicht {found}</translation>
    </message>
    <message>
        <source>must be at least 0 and below 1, not {found}</source>
        <translation>muss mindestens 0 und kleiner als 1 sein, nicht {found}</translation>
    </message>
    <message>
        <source>must be at most 1, not {found}</source>
        <translation>darf höchstens 1 sein, nicht {found}</translation>
    </message>
    <message>
        <source>must be above 0, not {found}</source>
        <translation>muss größer als 0 sein, nicht {found}</translation>
    </message>
    <message>
        <source>must be true or false, not {found}</source>
        <translation>muss true oder false sein, nicht {found}</translation>
    </message>
    <message>
        <source>must be text, not {found}</source>
        <translation>muss Text sein, nicht {found}</translation>
    </message>
    <message>
        <source>{count:,} matrix did not take the type {type}, because its rows do not divide into its blocks: {example} is {instead}.</source>
        <translation>{count:,} Matrix hat den Typ {type} nicht angenommen, weil sich ihre Zeilen nicht in seine Blöcke teilen lassen: {example} ist {instead}.</translation>
    </message>
    <message>
        <source>{count:,} matrices did not take the type {type}, because their rows do not divide into its blocks: {example} is {instead}.</source>
        <translation>{count:,} Matrizen haben den Typ {type} nicht angenommen, weil sich ihre Zeilen nicht in seine Blöcke teilen lassen; zum Beispiel ist {example} {instead}.</translation>
    </message>
    <message>
        <source>The file offers {context:,} positions instead of {whole:,}: llama.cpp lets this kind of model see beyond its window of {context:,}, where it would no longer be the same model.</source>
        <translation>Die Datei bietet {context:,} statt {whole:,} Positionen: llama.cpp lässt ein Modell dieser Art über sein Fenster von {context:,} hinaussehen, und dort wäre es nicht mehr dasselbe Modell.</translation>
    </message>
    <message>
        <source>Writing {type}</source>
        <translation>{type} wird geschrieben</translation>
    </message>
    <message>
        <source>Checking {type} with llama.cpp</source>
        <translation>{type} wird mit llama.cpp geprüft</translation>
    </message>
    <message>
        <source>Writing the model under it</source>
        <translation>Das Modell darunter wird geschrieben</translation>
    </message>
    <message>
        <source>Checking both with llama.cpp</source>
        <translation>Beide werden mit llama.cpp geprüft</translation>
    </message>
    <message>
        <source>Checking it over {base} with llama.cpp</source>
        <translation>Der Adapter über {base} wird mit llama.cpp geprüft</translation>
    </message>
    <message>
        <source>of another kind</source>
        <translation>von anderer Art</translation>
    </message>
    <message>
        <source>it has {tokens} tokens and the model only {rows}</source>
        <translation>er hat {tokens} Token und das Modell nur {rows}</translation>
    </message>
    <message>
        <source>is not a number</source>
        <translation>ist keine Zahl</translation>
    </message>
    <message>
        <source>the tensor {tensor} is of the type {type}, which cannot be unpacked</source>
        <translation>der Tensor {tensor} ist vom Typ {type}, der sich nicht entpacken lässt</translation>
    </message>
    <message>
        <source>it splits texts by the pattern {pattern}, which Seedling lacks</source>
        <translation>er teilt Texte nach dem Muster {pattern}, das Seedling nicht hat</translation>
    </message>
    <message>
        <source>it has no merges (tokenizer.ggml.merges)</source>
        <translation>ihm fehlen die Zusammenführungen (tokenizer.ggml.merges)</translation>
    </message>
    <message>
        <source>its kind is {kind}; Seedling knows gpt2 and llama</source>
        <translation>er ist von der Art {kind}; Seedling kennt gpt2 und llama</translation>
    </message>
    <message>
        <source>it is a file; choose the folder it is in</source>
        <translation>es ist eine Datei; wähle den Ordner, in dem sie liegt</translation>
    </message>
    <message>
        <source>it is a GGUF file, which the llama backend opens</source>
        <translation>es ist eine GGUF-Datei, die das Backend llama öffnet</translation>
    </message>
    <message>
        <source>the tensor {tensor} holds {type} numbers</source>
        <translation>der Tensor {tensor} enthält Zahlen vom Typ {type}</translation>
    </message>
    <message>
        <source>it names no files</source>
        <translation>der Index nennt keine Dateien</translation>
    </message>
    <message>
        <source>{found} is not the name of a {ending} file in this folder</source>
        <translation>{found} ist nicht der Name einer {ending}-Datei in diesem Ordner</translation>
    </message>
    <message>
        <source>it is a file</source>
        <translation>es ist eine Datei</translation>
    </message>
    <message>
        <source>is missing</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>true beside norm_qk</source>
        <translation>true neben norm_qk</translation>
    </message>
    <message>
        <source>line {number}</source>
        <translation>Zeile {number}</translation>
    </message>
    <message>
        <source>is not a name and a value</source>
        <translation>ist kein Name mit einem Wert</translation>
    </message>
    <message>
        <source>must be a whole number from 1 to {most}, not {found}</source>
        <translation>muss eine ganze Zahl von 1 bis {most} sein, nicht {found}</translation>
    </message>
    <message>
        <source>The adapter&apos;s settings</source>
        <translation>Die Einstellungen des Adapters</translation>
    </message>
    <message>
        <source>must be a number above 0, not {found}</source>
        <translation>muss eine Zahl größer als 0 sein, nicht {found}</translation>
    </message>
    <message>
        <source>names no matrix</source>
        <translation>nennt keine Matrix</translation>
    </message>
    <message>
        <source>load it with transformers (AutoTokenizer) and call save_pretrained, which writes the tokenizer.json that is needed</source>
        <translation>lade ihn mit transformers (AutoTokenizer) und rufe save_pretrained auf; das schreibt die nötige tokenizer.json</translation>
    </message>
    <message>
        <source>it is not a SentencePiece model with pieces of its own</source>
        <translation>er ist kein SentencePiece-Modell mit eigenen Stücken</translation>
    </message>
    <message>
        <source>it is not a byte-pair encoding; {cure}</source>
        <translation>er ist keine Byte-Pair-Kodierung; {cure}</translation>
    </message>
    <message>
        <source>it rewrites texts before it splits them; {cure}</source>
        <translation>er schreibt Texte um, bevor er sie teilt; {cure}</translation>
    </message>
    <message>
        <source>it is not a SentencePiece model</source>
        <translation>er ist kein SentencePiece-Modell</translation>
    </message>
    <message>
        <source>does not divide the width ({width})</source>
        <translation>teilt die Breite ({width}) nicht ohne Rest</translation>
    </message>
    <message>
        <source>a vocabulary has at least {least} tokens (256 bytes and {marks} marks), not {found}</source>
        <translation>ein Vokabular hat mindestens {least} Token (256 Bytes und {marks} Markierungen), nicht {found}</translation>
    </message>
    <message>
        <source>the split pattern {found} is not one of {known}</source>
        <translation>das Trennmuster {found} gehört nicht zu {known}</translation>
    </message>
    <message>
        <source>it is far larger than such a file can be</source>
        <translation>die Datei ist viel größer, als eine solche sein kann</translation>
    </message>
    <message>
        <source>it is not a byte-pair encoding</source>
        <translation>er ist keine Byte-Pair-Kodierung</translation>
    </message>
    <message>
        <source>it does not work on bytes, so it would lose the texts it has no tokens for</source>
        <translation>er arbeitet nicht mit Bytes und würde darum Texte verlieren, für die er keine Token hat</translation>
    </message>
    <message>
        <source>its added tokens are not a list of objects</source>
        <translation>seine hinzugefügten Token sind keine Liste von Objekten</translation>
    </message>
    <message>
        <source>this model</source>
        <translation>diesem Modell</translation>
    </message>
    <message>
        <source>not UTF-8</source>
        <translation>etwas anderes als UTF-8</translation>
    </message>
    <message>
        <source>the token {token} has no whole number as its id</source>
        <translation>das Token {token} hat keine ganze Zahl als Nummer</translation>
    </message>
    <message>
        <source>the tokens {first} and {second} share the id {id}</source>
        <translation>die Token {first} und {second} haben dieselbe Nummer {id}</translation>
    </message>
    <message>
        <source>its split pattern takes too long on this text</source>
        <translation>sein Trennmuster braucht für diesen Text zu lange</translation>
    </message>
    <message>
        <source>the recipe</source>
        <translation>dem Rezept</translation>
    </message>
    <message>
        <source>the tensor in {entry} holds {type} numbers</source>
        <translation>der Tensor in {entry} enthält Zahlen vom Typ {type}</translation>
    </message>
    <message>
        <source>it holds no dictionary of tensors</source>
        <translation>die Datei enthält kein Wörterbuch von Tensoren</translation>
    </message>
    <message>
        <source>the numbers of {entry} are not what its description says</source>
        <translation>die Zahlen von {entry} entsprechen nicht ihrer Beschreibung</translation>
    </message>
    <message>
        <source>a tensor reaches beyond {entry}</source>
        <translation>ein Tensor reicht über {entry} hinaus</translation>
    </message>
    <message>
        <source>it has no data.pkl</source>
        <translation>in der Datei fehlt data.pkl</translation>
    </message>
    <message>
        <source>its data.pkl is far larger than such a file can be</source>
        <translation>data.pkl darin ist viel größer, als eine solche Datei sein kann</translation>
    </message>
    <message>
        <source>its numbers lie in the order of another processor</source>
        <translation>die Zahlen liegen in der Reihenfolge eines anderen Prozessors</translation>
    </message>
    <message>
        <source>its data.pkl does not hold together</source>
        <translation>data.pkl darin ist nicht in sich stimmig</translation>
    </message>
    <message>
        <source>it is a damaged archive</source>
        <translation>die Datei ist ein beschädigtes Archiv</translation>
    </message>
    <message>
        <source>{count} bytes</source>
        <translation>{count} Byte</translation>
    </message>
    <message>
        <source>GB</source>
        <translation>GB</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>kB</source>
        <translation>kB</translation>
    </message>
    <message>
        <source>{size:,} {unit}</source>
        <translation>{size:,}&#xa0;{unit}</translation>
    </message>
    <message>
        <source>{size:.1f} {unit}</source>
        <translation>{size:.1f}&#xa0;{unit}</translation>
    </message>
    <message>
        <source>its answer takes too long</source>
        <translation>die Antwort dauert zu lange</translation>
    </message>
    <message>
        <source>model or dataset</source>
        <translation>model oder dataset</translation>
    </message>
    <message>
        <source>whose name holds characters that cannot be seen</source>
        <translation>deren Name unsichtbare Zeichen enthält</translation>
    </message>
    <message>
        <source>whose name holds a backslash</source>
        <translation>deren Name einen Backslash enthält</translation>
    </message>
    <message>
        <source>whose name holds a colon, as drives do</source>
        <translation>deren Name einen Doppelpunkt enthält wie ein Laufwerk</translation>
    </message>
    <message>
        <source>whose name holds a character that Windows does not allow</source>
        <translation>deren Name ein Zeichen enthält, das Windows nicht erlaubt</translation>
    </message>
    <message>
        <source>whose name is an absolute path</source>
        <translation>deren Name ein absoluter Pfad ist</translation>
    </message>
    <message>
        <source>whose name is too long</source>
        <translation>deren Name zu lang ist</translation>
    </message>
    <message>
        <source>which is not text</source>
        <translation>deren Name kein Text ist</translation>
    </message>
    <message>
        <source>whose name begins or ends with a space or a dot, which Windows leaves out</source>
        <translation>deren Name mit einem Leerzeichen oder Punkt beginnt oder endet, was Windows weglässt</translation>
    </message>
    <message>
        <source>whose name is a device on Windows</source>
        <translation>deren Name unter Windows ein Gerät bezeichnet</translation>
    </message>
    <message>
        <source>which many computers cannot tell from {file}</source>
        <translation>die viele Computer nicht von {file} unterscheiden können</translation>
    </message>
    <message>
        <source>where {file} needs a folder</source>
        <translation>doch {file} braucht dort einen Ordner</translation>
    </message>
    <message>
        <source>whose name leads out of its folder</source>
        <translation>deren Name aus ihrem Ordner hinausführt</translation>
    </message>
    <message>
        <source>whose name has an empty part</source>
        <translation>deren Name einen leeren Teil hat</translation>
    </message>
    <message>
        <source>the server sent the same file from its beginning</source>
        <translation>der Server sendete die Datei wieder von vorn</translation>
    </message>
    <message>
        <source>the connection ended early</source>
        <translation>die Verbindung endete zu früh</translation>
    </message>
    <message>
        <source>the server sent too much</source>
        <translation>der Server sendete zu viel</translation>
    </message>
    <message>
        <source>its header is not what safetensors writes</source>
        <translation>der Header ist nicht so, wie safetensors ihn schreibt</translation>
    </message>
    <message>
        <source>it has no weight_map</source>
        <translation>weight_map fehlt darin</translation>
    </message>
    <message>
        <source>its header does not fit in the file</source>
        <translation>der Header passt nicht in die Datei</translation>
    </message>
    <message>
        <source>Its run.json cannot be read: {reason}.</source>
        <translation>Die Datei run.json lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>a model it does not name</source>
        <translation>ein Modell, das er nicht nennt</translation>
    </message>
    <message>
        <source>it answers {status}</source>
        <translation>die Antwort ist {status}</translation>
    </message>
    <message>
        <source>it did not answer within {seconds} seconds</source>
        <translation>innerhalb von {seconds} Sekunden kam keine Antwort</translation>
    </message>
    <message>
        <source>the proxy refuses</source>
        <translation>der Proxy lehnt ab</translation>
    </message>
    <message>
        <source>no connection could be made</source>
        <translation>es kam keine Verbindung zustande</translation>
    </message>
    <message>
        <source>it sends from one address to the next</source>
        <translation>es wird von einer Adresse zur nächsten verwiesen</translation>
    </message>
    <message>
        <source>the connection broke</source>
        <translation>die Verbindung brach ab</translation>
    </message>
    <message>
        <source>a text of at most {count:,} characters</source>
        <translation>ein Text mit höchstens {count:,} Zeichen</translation>
    </message>
    <message>
        <source>a path</source>
        <translation>ein Pfad</translation>
    </message>
    <message>
        <source>pairs of a path and a strength</source>
        <translation>eine Liste aus Paaren von Pfad und Stärke</translation>
    </message>
    <message>
        <source>{path} leads out of Jan&apos;s folder</source>
        <translation>{path} führt aus Jans Ordner hinaus</translation>
    </message>
    <message>
        <source>it is no YAML with keys</source>
        <translation>es ist kein YAML mit Schlüsseln</translation>
    </message>
    <message>
        <source>it names no model_path</source>
        <translation>model_path fehlt darin</translation>
    </message>
    <message>
        <source>{digest} is no digest</source>
        <translation>{digest} ist keine Prüfsumme</translation>
    </message>
    <message>
        <source>it lists no layers</source>
        <translation>es sind keine Schichten aufgeführt</translation>
    </message>
    <message>
        <source>{first} and {last}</source>
        <translation>{first} und {last}</translation>
    </message>
    <message>
        <source>{count} second</source>
        <translation>{count} Sekunde</translation>
    </message>
    <message>
        <source>{count} seconds</source>
        <translation>{count} Sekunden</translation>
    </message>
    <message>
        <source>no connection came about within {seconds} seconds</source>
        <translation>innerhalb von {seconds} Sekunden kam keine Verbindung zustande</translation>
    </message>
    <message>
        <source>it stays silent</source>
        <translation>es kommt keine Antwort</translation>
    </message>
    <message>
        <source>its name leads out of the local network</source>
        <translation>der Name führt aus dem lokalen Netz hinaus</translation>
    </message>
    <message>
        <source>in {count} hours</source>
        <translation>in {count} Stunden</translation>
    </message>
    <message>
        <source>status {status}</source>
        <translation>Status {status}</translation>
    </message>
    <message>
        <source>an error without words</source>
        <translation>ein Fehler ohne Meldung</translation>
    </message>
    <message>
        <source>in a moment</source>
        <translation>in Kürze</translation>
    </message>
    <message>
        <source>in {count} seconds</source>
        <translation>in {count} Sekunden</translation>
    </message>
    <message>
        <source>in {count} minutes</source>
        <translation>in {count} Minuten</translation>
    </message>
    <message>
        <source>a text of {least} to {most} characters</source>
        <translation>ein Text mit {least} bis {most} Zeichen</translation>
    </message>
    <message>
        <source>a row of names and values</source>
        <translation>eine Zeile mit Namen und Werten</translation>
    </message>
    <message>
        <source>a whole number of tokens</source>
        <translation>eine ganze Zahl von Token</translation>
    </message>
    <message>
        <source>an amount of money for a million tokens, 0 or more</source>
        <translation>ein Geldbetrag für eine Million Token, 0 oder mehr</translation>
    </message>
    <message>
        <source>a number of at least {least:,}</source>
        <translation>eine Zahl von mindestens {least:,}</translation>
    </message>
    <message>
        <source>a number from {least:,} to {most:,}</source>
        <translation>eine Zahl von {least:,} bis {most:,}</translation>
    </message>
    <message>
        <source>a whole number of at least {least:,}</source>
        <translation>eine ganze Zahl von mindestens {least:,}</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>{one} or {other}</source>
        <translation>{one} oder {other}</translation>
    </message>
    <message>
        <source>one of {known}</source>
        <translation>eines von {known}</translation>
    </message>
    <message>
        <source>a whole number from {least:,} to {most:,}</source>
        <translation>eine ganze Zahl von {least:,} bis {most:,}</translation>
    </message>
    <message>
        <source>tensor {name}</source>
        <translation>Tensor {name}</translation>
    </message>
    <message>
        <source>its first bytes</source>
        <translation>ihren ersten Bytes</translation>
    </message>
    <message>
        <source>tensors</source>
        <translation>Tensoren</translation>
    </message>
    <message>
        <source>metadata entries</source>
        <translation>Metadateneinträge</translation>
    </message>
    <message>
        <source>values in {place}</source>
        <translation>Werte in {place}</translation>
    </message>
    <message>
        <source>{place} has rows of {count} values, which {type} cannot hold</source>
        <translation>{place} hat Zeilen aus {count} Werten, die {type} nicht fassen kann</translation>
    </message>
    <message>
        <source>metadata entry {number}</source>
        <translation>Metadateneintrag {number}</translation>
    </message>
    <message>
        <source>it is empty</source>
        <translation>die Datei ist leer</translation>
    </message>
    <message>
        <source>it says GGUF version {version}, and versions 2 and 3 exist</source>
        <translation>sie nennt die GGUF-Version {version}, es gibt aber nur 2 und 3</translation>
    </message>
    <message>
        <source>{place} has the unknown value type {kind}</source>
        <translation>{place} hat den unbekannten Werttyp {kind}</translation>
    </message>
    <message>
        <source>strings in {place}</source>
        <translation>Texte in {place}</translation>
    </message>
    <message>
        <source>{place} is a list of the unknown value type {kind}</source>
        <translation>{place} ist eine Liste mit dem unbekannten Werttyp {kind}</translation>
    </message>
    <message>
        <source>general.alignment is {found}, which is not a power of two</source>
        <translation>general.alignment ist {found} und damit keine Zweierpotenz</translation>
    </message>
    <message>
        <source>{place} has {count} dimensions</source>
        <translation>{place} hat {count} Dimensionen</translation>
    </message>
    <message>
        <source>{place} has the unknown type {kind}</source>
        <translation>{place} hat den unbekannten Typ {kind}</translation>
    </message>
    <message>
        <source>{place} has the impossible shape {shape}</source>
        <translation>{place} hat die unmögliche Form {shape}</translation>
    </message>
    <message>
        <source>{place} claims a text of {count:,} bytes</source>
        <translation>{place} kündigt einen Text von {count:,} Byte an</translation>
    </message>
    <message>
        <source>it ends inside {place}</source>
        <translation>sie endet mitten in {place}</translation>
    </message>
    <message>
        <source>its header is larger than {size} MB</source>
        <translation>ihr Kopf ist größer als {size} MB</translation>
    </message>
    <message>
        <source>it claims {count:,} {what}, more than it has room for</source>
        <translation>sie kündigt {count:,} {what} an, mehr als Platz haben</translation>
    </message>
    <message>
        <source>the metadata has {key} twice</source>
        <translation>die Metadaten enthalten {key} doppelt</translation>
    </message>
    <message>
        <source>it has two tensors named {name}</source>
        <translation>sie enthält zwei Tensoren mit dem Namen {name}</translation>
    </message>
    <message>
        <source>{place} starts at byte {offset}, which is not a multiple of {step}</source>
        <translation>{place} beginnt bei Byte {offset}, das kein Vielfaches von {step} ist</translation>
    </message>
    <message>
        <source>{place} starts at byte {offset} instead of {expected}</source>
        <translation>{place} beginnt bei Byte {offset} statt bei {expected}</translation>
    </message>
    <message>
        <source>it ends {count:,} bytes too early, inside {place}</source>
        <translation>sie endet {count:,} Byte zu früh, mitten in {place}</translation>
    </message>
    <message>
        <source>the name of {place} is not text</source>
        <translation>der Name von {place} ist kein Text</translation>
    </message>
    <message>
        <source>its files hold {count} tensors, and it says {wanted}</source>
        <translation>ihre Dateien enthalten {count} Tensoren, angekündigt sind {wanted}</translation>
    </message>
    <message>
        <source>it is not part {number} of {count}, as its name says</source>
        <translation>sie ist nicht Teil {number} von {count}, wie ihr Name sagt</translation>
    </message>
    <message>
        <source>it holds the tensor {tensor}, as a file before it does</source>
        <translation>sie enthält den Tensor {tensor}, den schon eine Datei vor ihr enthält</translation>
    </message>
    <message>
        <source>not a model that writes token by token ({architecture})</source>
        <translation>kein Modell, das Token für Token schreibt, sondern {architecture}</translation>
    </message>
    <message>
        <source>it gave no reason</source>
        <translation>llama.cpp nannte keinen Grund</translation>
    </message>
    <message>
        <source>it needs {needed}, and a program may keep {allowed}</source>
        <translation>nötig sind {needed}, ein Programm darf dort aber nur {allowed} halten</translation>
    </message>
    <message>
        <source>this system has no way to do that</source>
        <translation>dieses System kann das nicht</translation>
    </message>
    <message>
        <source>the image part of a vision model</source>
        <translation>der Bildteil eines Modells, das Bilder sieht</translation>
    </message>
    <message>
        <source>an encoder-decoder model</source>
        <translation>ein Encoder-Decoder-Modell</translation>
    </message>
    <message>
        <source>a speech decoder</source>
        <translation>ein Sprachausgabe-Decoder</translation>
    </message>
    <message>
        <source>a speech model</source>
        <translation>ein Modell für gesprochene Sprache</translation>
    </message>
    <message>
        <source>a diffusion model</source>
        <translation>ein Diffusionsmodell</translation>
    </message>
    <message>
        <source>{key} is {found}</source>
        <translation>{key} ist {found}</translation>
    </message>
    <message>
        <source>it acts only after certain words (aLoRA)</source>
        <translation>er wirkt nur nach bestimmten Wörtern (aLoRA)</translation>
    </message>
    <message>
        <source>it has no tokenizer (tokenizer.ggml.model and tokenizer.ggml.tokens)</source>
        <translation>ihr fehlt der Tokenizer (tokenizer.ggml.model und tokenizer.ggml.tokens)</translation>
    </message>
    <message>
        <source>{key} does not have one number for each of the {count} tokens</source>
        <translation>{key} hat nicht für jedes der {count} Token eine Zahl</translation>
    </message>
    <message>
        <source>{key} is missing</source>
        <translation>{key} fehlt</translation>
    </message>
    <message>
        <source>its tokenizer is one for embedding models</source>
        <translation>ihr Tokenizer ist einer für Embedding-Modelle</translation>
    </message>
    <message>
        <source>general.architecture is missing or not a text</source>
        <translation>general.architecture fehlt oder ist kein Text</translation>
    </message>
    <message>
        <source>{key} is a number of 64 bits, where llama.cpp reads one of 32</source>
        <translation>{key} ist eine Zahl mit 64 Bit, llama.cpp liest aber eine mit 32</translation>
    </message>
    <message>
        <source>{key} is not a list of texts</source>
        <translation>{key} ist keine Liste von Texten</translation>
    </message>
    <message>
        <source>{key} has the same token twice</source>
        <translation>{key} enthält dasselbe Token zweimal</translation>
    </message>
    <message>
        <source>{key} is {found}, and at most {most} can run</source>
        <translation>{key} ist {found}, und höchstens {most} können laufen</translation>
    </message>
    <message>
        <source>it uses {used} experts of {experts}</source>
        <translation>sie nutzt {used} Experten von {experts}</translation>
    </message>
    <message>
        <source>{key} is {found}, which does not divide the width {width}</source>
        <translation>{key} ist {found} und teilt die Breite {width} nicht ohne Rest</translation>
    </message>
    <message>
        <source>{key} is {found}, which does not fit {heads} heads</source>
        <translation>{key} ist {found}, das passt nicht zu {heads} Köpfen</translation>
    </message>
    <message>
        <source>the tensor {tensor} is missing</source>
        <translation>der Tensor {tensor} fehlt</translation>
    </message>
    <message>
        <source>it holds no LoRA adapter</source>
        <translation>die Datei enthält keinen LoRA-Adapter</translation>
    </message>
    <message>
        <source>{key} is {found}, and there are {count} tokens</source>
        <translation>{key} ist {found}, und es gibt {count} Token</translation>
    </message>
    <message>
        <source>of the type {type}</source>
        <translation>vom Typ {type}</translation>
    </message>
    <message>
        <source>a first impression</source>
        <translation>ein erster Eindruck</translation>
    </message>
    <message>
        <source>what most data needs</source>
        <translation>so viel, wie die meisten Daten brauchen</translation>
    </message>
    <message>
        <source>as far as it goes before it repeats</source>
        <translation>so viel, wie sich lohnt, bevor es sich nur wiederholt</translation>
    </message>
    <message>
        <source>it reads on, with all its weights, from where its training ended</source>
        <translation>es liest mit allen Gewichten dort weiter, wo sein Training endete</translation>
    </message>
    <message>
        <source>a head for labels learns, with the last blocks</source>
        <translation>ein Kopf für Labels lernt, zusammen mit den letzten Blöcken</translation>
    </message>
    <message>
        <source>it learns from pairs of a better and a worse reply</source>
        <translation>es lernt aus Paaren mit je einer besseren und einer schlechteren Antwort</translation>
    </message>
    <message>
        <source>it begins from nothing, with a tokenizer of its own</source>
        <translation>es beginnt von Grund auf, mit einem eigenen Tokenizer</translation>
    </message>
    <message>
        <source>gentle: a third of the usual rate changes the model less, and it stops sooner</source>
        <translation>behutsam: ein Drittel der üblichen Lernrate ändert das Modell weniger, und es hält früher an</translation>
    </message>
    <message>
        <source>the usual care</source>
        <translation>die übliche Vorsicht</translation>
    </message>
    <message>
        <source>bold: twice the usual rate learns faster and forgets more, and bad spells are borne</source>
        <translation>kühn: die doppelte Lernrate lernt schneller und vergisst mehr, und schlechte Strecken werden ausgehalten</translation>
    </message>
    <message>
        <source>of so few rows a larger share is held back, so that it says something</source>
        <translation>bei so wenigen Zeilen wird ein größerer Teil zurückgehalten, damit die Auswertung etwas aussagt</translation>
    </message>
    <message>
        <source>an adapter to a model of {size:,} parameters takes less memory and forgets less</source>
        <translation>bei einem Modell mit {size:,} Parametern braucht ein Adapter weniger Speicher und vergisst weniger</translation>
    </message>
    <message>
        <source>in {duration} this machine reads the data about {times} times</source>
        <translation>in {duration} liest dieser Computer die Daten etwa {times} Mal</translation>
    </message>
    <message>
        <source>fewer than {least} steps teach little, and the data is small</source>
        <translation>weniger als {least} Schritte lehren wenig, und die Daten sind klein</translation>
    </message>
    <message>
        <source>{count} pass over the data is {what}</source>
        <translation>{count} Durchgang durch die Daten ist {what}</translation>
    </message>
    <message>
        <source>{count} passes over the data are {what}</source>
        <translation>{count} Durchgänge durch die Daten sind {what}</translation>
    </message>
    <message>
        <source>more is held back to tell when to stop</source>
        <translation>mehr wird zurückgehalten, um zu merken, wann Schluss sein soll</translation>
    </message>
    <message>
        <source>a model of {size:,} parameters is small enough to be trained whole</source>
        <translation>ein Modell mit {size:,} Parametern ist klein genug, um es ganz zu trainieren</translation>
    </message>
    <message>
        <source>an adapter needs a model folder under it, and this is none</source>
        <translation>ein Adapter braucht einen Modellordner unter sich, und das hier ist keiner</translation>
    </message>
    <message>
        <source>{reads}, and what is read over {most} times is learnt by heart</source>
        <translation>{reads}, und was über {most} Mal gelesen wird, wird auswendig gelernt</translation>
    </message>
    <message>
        <source>must be one of {known} or a number of minutes</source>
        <translation>muss eines von {known} oder eine Zahl von Minuten sein</translation>
    </message>
    <message>
        <source>must be one of {known}</source>
        <translation>muss eines von {known} sein</translation>
    </message>
    <message>
        <source>must be a number from 100,000 to 100,000,000,000</source>
        <translation>muss eine Zahl von 100.000 bis 100.000.000.000 sein</translation>
    </message>
    <message>
        <source>the model to start from</source>
        <translation>das Modell, von dem aus trainiert wird</translation>
    </message>
    <message>
        <source>a width of {width} stands {rate} in pretraining, and {more}</source>
        <translation>eine Breite von {width} verträgt {rate} beim Vortraining, und {more}</translation>
    </message>
    <message>
        <source>it suits {size_bytes:,} bytes of text</source>
        <translation>das passt zu {size_bytes:,} Byte Text</translation>
    </message>
    <message>
        <source>(yes) needs a C++ compiler, and none is found here: install one or leave it out</source>
        <translation>(yes) braucht einen C++-Compiler, und hier findet sich keiner: installiere einen, oder lass es weg</translation>
    </message>
    <message>
        <source>fresh weights have far to go</source>
        <translation>frische Gewichte haben einen weiten Weg vor sich</translation>
    </message>
    <message>
        <source>higher rates undo what the parent has learnt</source>
        <translation>höhere Raten löschen, was das Ausgangsmodell gelernt hat</translation>
    </message>
    <message>
        <source>finetuning changes a model only a little</source>
        <translation>das Anpassen ändert ein Modell nur wenig</translation>
    </message>
    <message>
        <source>adapters stand about ten times the rate of whole models</source>
        <translation>Adapter vertragen etwa die zehnfache Rate ganzer Modelle</translation>
    </message>
    <message>
        <source>preferences are learnt before the replies fall apart only at low rates</source>
        <translation>nur bei kleinen Raten sind Präferenzen gelernt, bevor die Antworten zerfallen</translation>
    </message>
    <message>
        <source>it is large enough for steady steps and small enough for most machines</source>
        <translation>groß genug für ruhige Schritte und klein genug für die meisten Computer</translation>
    </message>
    <message>
        <source>a step then needs no more than one micro-batch</source>
        <translation>ein Schritt braucht dann nur einen Mikro-Batch</translation>
    </message>
    <message>
        <source>windows then do not overlap</source>
        <translation>die Fenster überlappen sich dann nicht</translation>
    </message>
    <message>
        <source>a twentieth tells how well the rest is learnt</source>
        <translation>ein Zwanzigstel zeigt, wie gut der Rest gelernt ist</translation>
    </message>
    <message>
        <source>the last steps settle at a small rate</source>
        <translation>in den letzten Schritten kommt das Modell bei kleiner Rate zur Ruhe</translation>
    </message>
    <message>
        <source>long decays suit small models</source>
        <translation>kleinen Modellen tut ein langes Absinken gut</translation>
    </message>
    <message>
        <source>it is what others take here</source>
        <translation>so machen es hier auch andere</translation>
    </message>
    <message>
        <source>it is what others take for language models</source>
        <translation>so machen es andere bei Sprachmodellen</translation>
    </message>
    <message>
        <source>a single odd batch then cannot spoil the weights</source>
        <translation>so kann ein einzelner seltsamer Batch die Gewichte nicht verderben</translation>
    </message>
    <message>
        <source>so many say enough and cost little</source>
        <translation>so viele sagen genug aus und kosten wenig</translation>
    </message>
    <message>
        <source>later steps may learn the data by heart</source>
        <translation>spätere Schritte lernen die Daten womöglich auswendig</translation>
    </message>
    <message>
        <source>where the whole model fits, sending only gradients about is faster</source>
        <translation>wo das ganze Modell Platz hat, ist es schneller, nur Gradienten auszutauschen</translation>
    </message>
    <message>
        <source>the first step of a compiled run takes a minute or more</source>
        <translation>der erste Schritt eines kompilierten Laufs dauert eine Minute oder länger</translation>
    </message>
    <message>
        <source>these are the cores that training can use</source>
        <translation>so viele Kerne kann das Training nutzen</translation>
    </message>
    <message>
        <source>any number will do</source>
        <translation>jede Zahl ist recht</translation>
    </message>
    <message>
        <source>no name was given</source>
        <translation>es wurde kein Name angegeben</translation>
    </message>
    <message>
        <source>{passes} pass over {items:,} items, {per_step} a step, takes {needed:,}</source>
        <translation>{passes} Durchgang durch {items:,} Beispiele, {per_step} je Schritt, braucht {needed:,}</translation>
    </message>
    <message>
        <source>{passes} passes over {items:,} items, {per_step} a step, take {needed:,}</source>
        <translation>{passes} Durchgänge durch {items:,} Beispiele, {per_step} je Schritt, brauchen {needed:,}</translation>
    </message>
    <message>
        <source>a twentieth of the steps, at most 100, lets the optimizer settle</source>
        <translation>in einem Zwanzigstel der Schritte, höchstens 100, findet der Optimierer sein Maß</translation>
    </message>
    <message>
        <source>ten evaluations, or more in long runs, show the course</source>
        <translation>zehn Auswertungen, in langen Läufen mehr, zeigen den Verlauf</translation>
    </message>
    <message>
        <source>no more is lost than lies between two evaluations</source>
        <translation>so geht nie mehr verloren, als zwischen zwei Auswertungen liegt</translation>
    </message>
    <message>
        <source>samples stand beside evaluations</source>
        <translation>so steht neben jeder Auswertung eine Textprobe</translation>
    </message>
    <message>
        <source>the most frequent class has {most:,} texts and the rarest {fewest:,}</source>
        <translation>die häufigste Klasse hat {most:,} Texte, die seltenste {fewest:,}</translation>
    </message>
    <message>
        <source>a curve needs no more points</source>
        <translation>mehr Punkte braucht eine Kurve nicht</translation>
    </message>
    <message>
        <source>it learns more per step than gpt2 and runs everywhere</source>
        <translation>lernt je Schritt mehr als gpt2 und läuft überall</translation>
    </message>
    <message>
        <source>text that is seen a few times needs none</source>
        <translation>Text, der nur wenige Male gelesen wird, braucht keinen Dropout</translation>
    </message>
    <message>
        <source>newer models do without</source>
        <translation>neuere Modelle kommen ohne aus</translation>
    </message>
    <message>
        <source>small models spend fewer weights on tokens so</source>
        <translation>so geben kleine Modelle weniger Gewichte für Token aus</translation>
    </message>
    <message>
        <source>fast attention kernels like heads of 64</source>
        <translation>schnelle Attention-Kernel mögen Köpfe der Größe 64</translation>
    </message>
    <message>
        <source>the whole context is trained</source>
        <translation>der ganze Kontext wird trainiert</translation>
    </message>
    <message>
        <source>the parent model has it</source>
        <translation>das Ausgangsmodell hat es so</translation>
    </message>
    <message>
        <source>it is the parent model&apos;s context</source>
        <translation>das ist der Kontext des Ausgangsmodells</translation>
    </message>
    <message>
        <source>({length}) is above the parent model&apos;s context ({context})</source>
        <translation>({length}) ist größer als der Kontext des Ausgangsmodells ({context})</translation>
    </message>
    <message>
        <source>it is what others take with {loss}</source>
        <translation>das nehmen andere mit {loss}</translation>
    </message>
    <message>
        <source>what is evaluated on has files of its own</source>
        <translation>ausgewertet wird an eigenen Dateien</translation>
    </message>
    <message>
        <source>fresh matrices learn faster with it (arXiv:2502.16982)</source>
        <translation>frische Matrizen lernen damit schneller (arXiv:2502.16982)</translation>
    </message>
    <message>
        <source>a run can be prolonged from before its decay (arXiv:2404.06395)</source>
        <translation>ein Lauf lässt sich so von vor dem Absinken aus verlängern (arXiv:2404.06395)</translation>
    </message>
    <message>
        <source>the parent&apos;s weights are changed more gently by it</source>
        <translation>damit ändern sich die Gewichte des Ausgangsmodells sanfter</translation>
    </message>
    <message>
        <source>the rate falls gently from the start</source>
        <translation>die Lernrate sinkt von Anfang an sanft</translation>
    </message>
    <message>
        <source>the steps were given</source>
        <translation>die Zahl der Schritte ist vorgegeben</translation>
    </message>
    <message>
        <source>the run ends when it learns no more</source>
        <translation>der Lauf endet, wenn er nichts mehr lernt</translation>
    </message>
    <message>
        <source>it is how the text begins</source>
        <translation>so beginnt der Text</translation>
    </message>
    <message>
        <source>it is a short greeting</source>
        <translation>ein kurzer Gruß</translation>
    </message>
    <message>
        <source>a classifier writes no text</source>
        <translation>ein Klassifikator schreibt keinen Text</translation>
    </message>
    <message>
        <source>{passes}, and fewer than {least} teach little</source>
        <translation>{passes}, und weniger als {least} lehren wenig</translation>
    </message>
    <message>
        <source>({value}) cannot differ from the parent model&apos;s ({parents}): leave it out</source>
        <translation>({value}) darf vom Ausgangsmodell ({parents}) nicht abweichen: lass es weg</translation>
    </message>
    <message>
        <source>a tenth keeps most of what was known (arXiv:2403.08763)</source>
        <translation>ein Zehntel bewahrt das meiste vom früher Gelernten (arXiv:2403.08763)</translation>
    </message>
    <message>
        <source>what others say need not be learnt</source>
        <translation>was andere sagen, muss nicht gelernt werden</translation>
    </message>
    <message>
        <source>the last third of the blocks learns nearly all of it</source>
        <translation>das letzte Drittel der Blöcke lernt fast alles davon</translation>
    </message>
    <message>
        <source>it is the one in widest use</source>
        <translation>am weitesten verbreitet</translation>
    </message>
    <message>
        <source>it is enough for most data</source>
        <translation>das genügt für die meisten Daten</translation>
    </message>
    <message>
        <source>twice the rank is what others take</source>
        <translation>andere nehmen das Doppelte des Rangs</translation>
    </message>
    <message>
        <source>adapters have few weights to learn by heart with</source>
        <translation>Adapter haben zu wenige Gewichte, um viel auswendig zu lernen</translation>
    </message>
    <message>
        <source>all linear layers together learn most (arXiv:2305.14314)</source>
        <translation>alle linearen Schichten zusammen lernen am meisten (arXiv:2305.14314)</translation>
    </message>
    <message>
        <source>it only matters at ranks above 32</source>
        <translation>erst bei Rängen über 32 von Belang</translation>
    </message>
    <message>
        <source>the adapter is small and opens together with its model</source>
        <translation>der Adapter ist klein und öffnet sich zusammen mit seinem Modell</translation>
    </message>
    <message>
        <source>it is the fastest here</source>
        <translation>hier das schnellste</translation>
    </message>
    <message>
        <source>a C++ compiler is found here</source>
        <translation>hier findet sich ein C++-Compiler</translation>
    </message>
    <message>
        <source>bf16 is faster for this model on this machine</source>
        <translation>bf16 ist für dieses Modell auf diesem Computer schneller</translation>
    </message>
    <message>
        <source>bf16 is no faster for this model on this machine</source>
        <translation>bf16 ist für dieses Modell auf diesem Computer nicht schneller</translation>
    </message>
    <message>
        <source>embeddings learn faster in larger steps</source>
        <translation>Embeddings lernen in größeren Schritten schneller</translation>
    </message>
    <message>
        <source>the parent&apos;s have learnt already</source>
        <translation>die des Ausgangsmodells haben schon gelernt</translation>
    </message>
    <message>
        <source>keys of an adapter are given</source>
        <translation>Einstellungen eines Adapters sind vorgegeben</translation>
    </message>
    <message>
        <source>a model of {size:,} parameters takes less memory with an adapter</source>
        <translation>ein Modell mit {size:,} Parametern braucht mit einem Adapter weniger Speicher</translation>
    </message>
    <message>
        <source>a model in parts is not compiled</source>
        <translation>ein Modell in Teilen wird nicht kompiliert</translation>
    </message>
    <message>
        <source>no C++ compiler is found here</source>
        <translation>hier findet sich kein C++-Compiler</translation>
    </message>
    <message>
        <source>{layers} blocks come nearest to {wanted} parameters</source>
        <translation>{layers} Blöcke kommen {wanted} Parametern am nächsten</translation>
    </message>
    <message>
        <source>the text is read {count} times; more often it would be learnt by heart (arXiv:2305.16264)</source>
        <translation>der Text wird {count} Mal gelesen; öfter gelesen, würde er auswendig gelernt (arXiv:2305.16264)</translation>
    </message>
    <message>
        <source>a model of {layers} blocks reads {tokens} tokens in {duration} here</source>
        <translation>ein Modell mit {layers} Blöcken liest hier in {duration} {tokens} Token</translation>
    </message>
    <message>
        <source>that is the time there is</source>
        <translation>so viel Zeit ist da</translation>
    </message>
    <message>
        <source>{step} tokens a step suit {tokens} in all (arXiv:2505.13738)</source>
        <translation>{step} Token je Schritt passen zu {tokens} insgesamt (arXiv:2505.13738)</translation>
    </message>
    <message>
        <source>{count} tokens a parameter are what it is worth (arXiv:2203.15556)</source>
        <translation>{count} Token je Parameter lohnen sich (arXiv:2203.15556)</translation>
    </message>
    <message>
        <source>the text is then read {count} times, and more teaches nothing</source>
        <translation>der Text wird dann {count} Mal gelesen, und mehr lehrt nichts</translation>
    </message>
    <message>
        <source>{aspect} for each block, in steps of {step}</source>
        <translation>{aspect} für jeden Block, in Stufen von {step}</translation>
    </message>
    <message>
        <source>{size} bytes of text have so many pieces worth a token (Heaps 1978)</source>
        <translation>{size} Byte Text haben so viele Stücke, die ein Token wert sind (Heaps 1978)</translation>
    </message>
    <message>
        <source>{size} bytes of text hold enough stretches of this length</source>
        <translation>{size} Byte Text enthalten genug Abschnitte dieser Länge</translation>
    </message>
    <message>
        <source>they read {tokens} tokens: {long}</source>
        <translation>damit werden {tokens} Token gelesen: {long}</translation>
    </message>
    <message>
        <source>(shard) needs several processes: start them with &quot;torchrun --nproc-per-node N -m engine train …&quot;, or set it to replicate</source>
        <translation>(shard) braucht mehrere Prozesse: starte sie mit „torchrun --nproc-per-node N -m engine train …“, oder setze es auf replicate</translation>
    </message>
    <message>
        <source>all at once would take {needed}, and there are {available}</source>
        <translation>alles auf einmal bräuchte {needed}, und es sind {available} da</translation>
    </message>
    <message>
        <source>as many items as before are evaluated</source>
        <translation>so werden ebenso viele Beispiele ausgewertet wie zuvor</translation>
    </message>
    <message>
        <source>there is room to keep everything</source>
        <translation>es ist Platz genug, alles zu behalten</translation>
    </message>
    <message>
        <source>must be usable as the name of a folder</source>
        <translation>muss als Name eines Ordners taugen</translation>
    </message>
    <message>
        <source>({count}) must give each of {size} processes equally many micro-batches: make it {wanted}</source>
        <translation>({count}) muss jedem von {size} Prozessen gleich viele Mikro-Batches geben: setze es auf {wanted}</translation>
    </message>
    <message>
        <source>({count}) must give each of {size} processes a micro-batch: make it {wanted}</source>
        <translation>({count}) muss jedem von {size} Prozessen einen Mikro-Batch geben: setze es auf {wanted}</translation>
    </message>
    <message>
        <source>The model of the last step is taken instead.</source>
        <translation>Stattdessen wird das Modell des letzten Schritts genommen.</translation>
    </message>
    <message>
        <source>Turning texts into tokens</source>
        <translation>Texte werden zu Token</translation>
    </message>
    <message>
        <source>({layers}) is above the model&apos;s {blocks} blocks: all trains every one</source>
        <translation>({layers}) ist mehr als die {blocks} Blöcke des Modells: all trainiert sie alle</translation>
    </message>
    <message>
        <source>Turning conversations into tokens</source>
        <translation>Gespräche werden zu Token</translation>
    </message>
    <message>
        <source>The model has no chat template, so it gets one.</source>
        <translation>Das Modell hat keine Chatvorlage, darum bekommt es eine.</translation>
    </message>
    <message>
        <source>Turning pairs of replies into tokens</source>
        <translation>Paare von Antworten werden zu Token</translation>
    </message>
    <message>
        <source>Asking the parent about pairs</source>
        <translation>Das Ausgangsmodell wird zu den Paaren befragt</translation>
    </message>
    <message>
        <source>Learning the tokens</source>
        <translation>Token werden gelernt</translation>
    </message>
    <message>
        <source>Turning text into tokens</source>
        <translation>Text wird zu Token</translation>
    </message>
    <message>
        <source>Making a plan</source>
        <translation>Ein Plan entsteht</translation>
    </message>
    <message>
        <source>a file</source>
        <translation>eine Datei</translation>
    </message>
    <message>
        <source>Reading the data</source>
        <translation>Die Daten werden gelesen</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>text or a list of texts</source>
        <translation>Text oder eine Liste von Texten</translation>
    </message>
    <message>
        <source>({shape}) cannot begin from nothing: {fresh} can</source>
        <translation>({shape}) kann nicht von Grund auf beginnen: {fresh} können es</translation>
    </message>
    <message>
        <source>names no role for {name}: write what it holds before it, as in text={name}</source>
        <translation>nennt keine Rolle für {name}: schreib davor, was es enthält, etwa text={name}</translation>
    </message>
    <message>
        <source>is for what muon leaves to AdamW: leave it out, or set optimizer to muon</source>
        <translation>gilt für das, was muon AdamW überlässt: lass es weg, oder setze optimizer auf muon</translation>
    </message>
    <message>
        <source>has {found} entries for {files} data files</source>
        <translation>hat {found} Einträge für {files} Dateien mit Daten</translation>
    </message>
    <message>
        <source>must be at least {least}</source>
        <translation>muss mindestens {least} sein</translation>
    </message>
    <message>
        <source>{first} or {last}</source>
        <translation>{first} oder {last}</translation>
    </message>
    <message>
        <source>needs an adapter: set dpo.train = &quot;lora&quot;, or leave it out</source>
        <translation>braucht einen Adapter: setze dpo.train = &quot;lora&quot;, oder lass es weg</translation>
    </message>
    <message>
        <source>(shard) cannot be compiled: leave compile out, or set parallel to replicate</source>
        <translation>(shard) lässt sich nicht kompilieren: lass compile weg, oder setze parallel auf replicate</translation>
    </message>
    <message>
        <source>(shard) cannot part a model in few bits: leave lora.bits out, or set parallel to replicate</source>
        <translation>(shard) kann ein Modell in wenigen Bits nicht teilen: lass lora.bits weg, oder setze parallel auf replicate</translation>
    </message>
    <message>
        <source>and evaluation say both what is evaluated on: leave one out</source>
        <translation>und evaluation sagen beide, woran ausgewertet wird: lass eines weg</translation>
    </message>
    <message>
        <source>needs replay, the text to mix in</source>
        <translation>braucht replay, den Text zum Beimischen</translation>
    </message>
    <message>
        <source>and steps say the same thing twice: leave one out</source>
        <translation>und steps sagen beide dasselbe: lass eines weg</translation>
    </message>
    <message>
        <source>is 0: there would be nothing to do</source>
        <translation>ist 0: es gäbe nichts zu tun</translation>
    </message>
    <message>
        <source>Did you mean {name}?</source>
        <translation>Meintest du {name}?</translation>
    </message>
    <message>
        <source>The keys are {names}.</source>
        <translation>Die Schlüssel sind {names}.</translation>
    </message>
    <message>
        <source>must be at most {most}</source>
        <translation>darf höchstens {most} sein</translation>
    </message>
    <message>
        <source>has no meaning in pretrain, which starts from nothing: use continue, or leave it out</source>
        <translation>hat bei pretrain keine Bedeutung, das von Grund auf beginnt: nimm continue, oder lass es weg</translation>
    </message>
    <message>
        <source>has no meaning in {method}: leave it out, or use {methods}</source>
        <translation>hat bei {method} keine Bedeutung: lass es weg, oder nimm {methods}</translation>
    </message>
    <message>
        <source>holds {text}, which is no row: write 17 or 200-250</source>
        <translation>enthält {text}, und das ist keine Zeile: schreib 17 oder 200-250</translation>
    </message>
    <message>
        <source>({value}) is above {limit} ({most}): text would be skipped</source>
        <translation>({value}) ist größer als {limit} ({most}): Text würde übersprungen</translation>
    </message>
    <message>
        <source>({value}) is above {limit} ({most})</source>
        <translation>({value}) ist größer als {limit} ({most})</translation>
    </message>
    <message>
        <source>({value}) must divide {whole} ({size})</source>
        <translation>({value}) muss {whole} ({size}) ohne Rest teilen</translation>
    </message>
    <message>
        <source>its state is {state}</source>
        <translation>sein Zustand ist {state}</translation>
    </message>
    <message>
        <source>it lacks {name}</source>
        <translation>darin fehlt {name}</translation>
    </message>
    <message>
        <source>it has no run.json</source>
        <translation>darin fehlt run.json</translation>
    </message>
    <message>
        <source>Reading the checkpoint</source>
        <translation>Der Checkpoint wird gelesen</translation>
    </message>
    <message>
        <source>it leads from one address to the next</source>
        <translation>es wird von einer Adresse zur nächsten verwiesen</translation>
    </message>
    <message>
        <source>this computer</source>
        <translation>diesem Computer</translation>
    </message>
    <message>
        <source>of a form that only newer versions know</source>
        <translation>ihre Form kennen erst neuere Versionen</translation>
    </message>
    <message>
        <source>a version of one computer alone</source>
        <translation>ihre Version gilt nur für einen einzelnen Computer</translation>
    </message>
    <message>
        <source>expired before it was made</source>
        <translation>sie ist abgelaufen, bevor sie erstellt wurde</translation>
    </message>
    <message>
        <source>an address that is not asked, {address}</source>
        <translation>eine Adresse, die nicht abgefragt wird, {address}</translation>
    </message>
    <message>
        <source>{key} with characters that cannot be seen</source>
        <translation>{key} enthält unsichtbare Zeichen</translation>
    </message>
    <message>
        <source>not in the form that is signed</source>
        <translation>sie hat nicht die Form, in der signiert wird</translation>
    </message>
    <message>
        <source>An adapter (method lora) forgets less; so do fewer passes and a lower learning rate.</source>
        <translation>Ein Adapter (Methode lora) vergisst weniger; auch weniger Durchgänge und eine kleinere Lernrate helfen.</translation>
    </message>
    <message>
        <source>Reading only this text, the model forgets some of what it knew.</source>
        <translation>Liest das Modell nur diesen Text, vergisst es manches, was es wusste.</translation>
    </message>
    <message>
        <source>Bring at least 10 texts for each, or leave rare labels out.</source>
        <translation>Sammle für jedes Label mindestens 10 Texte, oder lass seltene weg.</translation>
    </message>
    <message>
        <source>There are only {found:,} examples to learn from.</source>
        <translation>Zum Lernen gibt es nur {found:,} Beispiele.</translation>
    </message>
    <message>
        <source>From {wanted:,} on the model begins to change dependably.</source>
        <translation>Erst ab {wanted:,} beginnt sich das Modell verlässlich zu ändern.</translation>
    </message>
    <message>
        <source>Only {count} examples are held back, too few to tell when the model begins to learn by heart.</source>
        <translation>Nur {count} Beispiele werden zurückgehalten, zu wenige, um zu merken, wann das Modell auswendig zu lernen beginnt.</translation>
    </message>
    <message>
        <source>Raise validation_share, or bring more data.</source>
        <translation>Erhöhe validation_share, oder nimm mehr Daten.</translation>
    </message>
    <message>
        <source>There are only {found:,} bytes of text.</source>
        <translation>Es gibt nur {found:,} Bytes Text.</translation>
    </message>
    <message>
        <source>From {wanted:,} on a model learns more than single phrases.</source>
        <translation>Erst ab {wanted:,} lernt ein Modell mehr als einzelne Wendungen.</translation>
    </message>
    <message>
        <source>It takes about {needed} of memory, and {free} are free now.</source>
        <translation>Das Training braucht etwa {needed} Speicher, und {free} sind gerade frei.</translation>
    </message>
    <message>
        <source>Choose a smaller model or a smaller batch_size, turn recompute on, or close other programs.</source>
        <translation>Wähle ein kleineres Modell oder eine kleinere batch_size, schalte recompute ein, oder schließe andere Programme.</translation>
    </message>
    <message>
        <source>The learning rate {rate} is far above what is usual here, {usual}.</source>
        <translation>Die Lernrate {rate} liegt weit über dem, was hier üblich ist, {usual}.</translation>
    </message>
    <message>
        <source>Above three times that, training may fail.</source>
        <translation>Über dem Dreifachen davon kann das Training scheitern.</translation>
    </message>
    <message>
        <source>The learning rate {rate} is far below what is usual here, {usual}.</source>
        <translation>Die Lernrate {rate} liegt weit unter dem, was hier üblich ist, {usual}.</translation>
    </message>
    <message>
        <source>Little may be learnt in this time.</source>
        <translation>In dieser Zeit wird vielleicht nur wenig gelernt.</translation>
    </message>
    <message>
        <source>{percent:.0f} % of the rows do not fit into {length:,} tokens; what does not fit is not learnt.</source>
        <translation>{percent:.0f} % der Zeilen passen nicht in {length:,} Token; was nicht hineinpasst, wird nicht gelernt.</translation>
    </message>
    <message>
        <source>Raise max_length as far as the model allows, or shorten these rows.</source>
        <translation>Erhöhe max_length, soweit es das Modell erlaubt, oder kürze diese Zeilen.</translation>
    </message>
    <message>
        <source>The data is read {passes:.0f} times; after about {most} a model learns it by heart.</source>
        <translation>Die Daten werden {passes:.0f} Mal gelesen; nach etwa {most} Mal lernt ein Modell sie auswendig.</translation>
    </message>
    <message>
        <source>Choose a shorter time, or bring more data.</source>
        <translation>Wähle eine kürzere Zeit, oder nimm mehr Daten.</translation>
    </message>
</context>
<context>
    <name>footer</name>
    <message>
        <source>{speed} tok/s</source>
        <translation>{speed} Token/s</translation>
    </message>
    <message>
        <source>{count} tokens</source>
        <translation>{count} Token</translation>
    </message>
    <message>
        <source>{count} of them thinking</source>
        <translation>davon {count} gedacht</translation>
    </message>
    <message>
        <source>{seconds} s to first token</source>
        <translation>{seconds} s bis zum ersten Token</translation>
    </message>
    <message>
        <source>answered by {model}</source>
        <translation>beantwortet von {model}</translation>
    </message>
    <message>
        <source>Length limit reached</source>
        <translation>Längste Antwort erreicht</translation>
    </message>
    <message>
        <source>Stopped by you</source>
        <translation>Von dir angehalten</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Unterbrochen</translation>
    </message>
    <message>
        <source>Cut short by an error</source>
        <translation>Durch einen Fehler abgebrochen</translation>
    </message>
</context>
<context>
    <name>library</name>
    <message>
        <source>{count} tokens of context</source>
        <translation>{count} Token Kontext</translation>
    </message>
    <message>
        <source>{name} is whole: its files are what they were.</source>
        <translation>{name} ist unversehrt: Die Dateien sind, wie sie waren.</translation>
    </message>
    <message>
        <source>{name} can be read to its end. From now on it shows when its files change.</source>
        <translation>{name} lässt sich bis zum Ende lesen. Von jetzt an fällt auf, wenn sich die Dateien ändern.</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Label texts…</source>
        <translation>Texte einordnen…</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Stop loading</source>
        <translation>Laden abbrechen</translation>
    </message>
    <message>
        <source>Eject</source>
        <translation>Entladen</translation>
    </message>
    <message>
        <source>Train on top of it</source>
        <translation>Weitertrainieren</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Check its file</source>
        <translation>Datei prüfen</translation>
    </message>
    <message>
        <source>Copy into the library</source>
        <translation>In die Bibliothek kopieren</translation>
    </message>
    <message>
        <source>Download again</source>
        <translation>Neu herunterladen</translation>
    </message>
    <message>
        <source>Show in its folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Find its file…</source>
        <translation>Datei suchen…</translation>
    </message>
    <message>
        <source>Add its model…</source>
        <translation>Modell ergänzen…</translation>
    </message>
    <message>
        <source>Change its settings</source>
        <translation>Einstellungen ändern</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen…</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>Aus der Liste entfernen</translation>
    </message>
    <message>
        <source>Show its server</source>
        <translation>Server zeigen</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>geladen</translation>
    </message>
    <message>
        <source>loading</source>
        <translation>lädt</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>Bearbeiten…</translation>
    </message>
    <message>
        <source>Edit yours…</source>
        <translation>Deine bearbeiten…</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Hinzufügen…</translation>
    </message>
    <message>
        <source>on</source>
        <translation>an</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>from the text itself</source>
        <translation>aus dem Text selbst</translation>
    </message>
    <message>
        <source>by a smaller model</source>
        <translation>von einem kleineren Modell</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Tokens it sees at once. A longer context takes more memory.</source>
        <translation>So viele Token sieht es auf einmal. Ein längerer Kontext braucht mehr Speicher.</translation>
    </message>
    <message>
        <source>Layers on the graphics card</source>
        <translation>Schichten auf der Grafikkarte</translation>
    </message>
    <message>
        <source>As many as fit, all, or none. Without a graphics card it changes nothing.</source>
        <translation>So viele wie passen, alle oder keine. Ohne Grafikkarte ändert das nichts.</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Processor threads it computes with. By itself as in the settings.</source>
        <translation>Mit so vielen Prozessor-Threads rechnet es. Automatisch: wie in den Einstellungen.</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Batch</translation>
    </message>
    <message>
        <source>Tokens of a prompt read at once. A smaller batch takes less memory.</source>
        <translation>So viele Token eines Prompts werden auf einmal gelesen. Ein kleinerer Batch braucht weniger Speicher.</translation>
    </message>
    <message>
        <source>Flash attention</source>
        <translation>Flash Attention</translation>
    </message>
    <message>
        <source>Less memory for long contexts, and mostly faster.</source>
        <translation>Weniger Speicher bei langem Kontext und meist schneller.</translation>
    </message>
    <message>
        <source>Kind of cache</source>
        <translation>Art des Caches</translation>
    </message>
    <message>
        <source>Numbers the context is kept in: q8_0 halves its memory and costs little quality.</source>
        <translation>Zahlenformat, in dem der Kontext gehalten wird: q8_0 halbiert seinen Speicher und kostet wenig Qualität.</translation>
    </message>
    <message>
        <source>Read the file as needed</source>
        <translation>Datei nach Bedarf lesen</translation>
    </message>
    <message>
        <source>The system keeps what it can of the file in memory (mmap). Loads faster.</source>
        <translation>Das System hält von der Datei im Speicher, was es kann (mmap). Lädt schneller.</translation>
    </message>
    <message>
        <source>Keep in memory</source>
        <translation>Im Speicher halten</translation>
    </message>
    <message>
        <source>The system may not move it to the disk while it is loaded (mlock).</source>
        <translation>Das System darf es nicht auf die Platte auslagern, solange es geladen ist (mlock).</translation>
    </message>
    <message>
        <source>Guess ahead</source>
        <translation>Vorausraten</translation>
    </message>
    <message>
        <source>Several tokens are guessed and checked at once: the same text, sooner.</source>
        <translation>Mehrere Token werden auf einmal geraten und geprüft: derselbe Text, nur schneller.</translation>
    </message>
    <message>
        <source>The smaller model</source>
        <translation>Das kleinere Modell</translation>
    </message>
    <message>
        <source>It guesses. It needs the same vocabulary.</source>
        <translation>Es rät. Dafür braucht es dasselbe Vokabular.</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>What was learnt on top, laid over the model as strongly as you like.</source>
        <translation>Zusätzlich Gelerntes, so stark über das Modell gelegt, wie du willst.</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>Chatvorlage</translation>
    </message>
    <message>
        <source>How a conversation is written for the model, in Jinja.</source>
        <translation>Wie ein Gespräch für das Modell aufgeschrieben wird, in Jinja.</translation>
    </message>
    <message>
        <source>GGUF file</source>
        <translation>GGUF-Datei</translation>
    </message>
    <message>
        <source>Model folder</source>
        <translation>Modellordner</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Adapter as GGUF</source>
        <translation>Adapter als GGUF</translation>
    </message>
    <message>
        <source>Classifier</source>
        <translation>Klassifikator</translation>
    </message>
    <message>
        <source>Of a server</source>
        <translation>Von einem Server</translation>
    </message>
    <message>
        <source>Comes with Seedling</source>
        <translation>Kommt mit Seedling</translation>
    </message>
    <message>
        <source>Copied into the library</source>
        <translation>In die Bibliothek kopiert</translation>
    </message>
    <message>
        <source>Downloaded</source>
        <translation>Heruntergeladen</translation>
    </message>
    <message>
        <source>Trained here</source>
        <translation>Hier trainiert</translation>
    </message>
    <message>
        <source>Ollama</source>
        <translation>Ollama</translation>
    </message>
    <message>
        <source>LM Studio</source>
        <translation>LM Studio</translation>
    </message>
    <message>
        <source>Jan</source>
        <translation>Jan</translation>
    </message>
    <message>
        <source>GPT4All</source>
        <translation>GPT4All</translation>
    </message>
    <message>
        <source>Hugging Face cache</source>
        <translation>Hugging-Face-Cache</translation>
    </message>
    <message>
        <source>llama.cpp</source>
        <translation>llama.cpp</translation>
    </message>
    <message>
        <source>llamafile</source>
        <translation>llamafile</translation>
    </message>
    <message>
        <source>A folder</source>
        <translation>Ein Ordner</translation>
    </message>
    <message>
        <source>Yours</source>
        <translation>Deine</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>Denken</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Vision</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Embedding</source>
        <translation>Embedding</translation>
    </message>
    <message>
        <source>Base</source>
        <translation>Basis</translation>
    </message>
    <message>
        <source>context {count}</source>
        <translation>Kontext {count}</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>Nach Name</translation>
    </message>
    <message>
        <source>Largest first</source>
        <translation>Größte zuerst</translation>
    </message>
    <message>
        <source>Most parameters first</source>
        <translation>Meiste Parameter zuerst</translation>
    </message>
    <message>
        <source>By where they come from</source>
        <translation>Nach Herkunft</translation>
    </message>
</context>
<context>
    <name>links</name>
    <message>
        <source>Open a link</source>
        <translation>Link öffnen</translation>
    </message>
    <message>
        <source>Open this address?</source>
        <translation>Diese Adresse öffnen?</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
</context>
<context>
    <name>messages</name>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>Anderes Modell wählen</translation>
    </message>
    <message>
        <source>Adjust</source>
        <translation>Anpassen</translation>
    </message>
    <message>
        <source>Settings of the model</source>
        <translation>Einstellungen des Modells</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Einzelheiten kopieren</translation>
    </message>
    <message>
        <source>Copy into the library</source>
        <translation>In die Bibliothek kopieren</translation>
    </message>
    <message>
        <source>Enter the key</source>
        <translation>Schlüssel eingeben</translation>
    </message>
    <message>
        <source>Show servers</source>
        <translation>Server zeigen</translation>
    </message>
    <message>
        <source>Start as usual</source>
        <translation>Wie üblich starten</translation>
    </message>
    <message>
        <source>Open the last chat</source>
        <translation>Letzten Chat öffnen</translation>
    </message>
    <message>
        <source>Show the file</source>
        <translation>Datei zeigen</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>Problem melden…</translation>
    </message>
    <message>
        <source>Put a backup back instead</source>
        <translation>Stattdessen eine Sicherung zurückspielen</translation>
    </message>
    <message>
        <source>What changed</source>
        <translation>Änderungen</translation>
    </message>
</context>
<context>
    <name>pages</name>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
</context>
<context>
    <name>palette</name>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>Einstellung</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
</context>
<context>
    <name>phase</name>
    <message>
        <source>Waiting for another reply to end…</source>
        <translation>Wartet, bis eine andere Antwort endet…</translation>
    </message>
    <message>
        <source>Loading the model… {percent} %</source>
        <translation>Modell wird geladen… {percent} %</translation>
    </message>
    <message>
        <source>Reading… {percent} %</source>
        <translation>Liest… {percent} %</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Denkt nach…</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Hält an…</translation>
    </message>
</context>
<context>
    <name>providers</name>
    <message>
        <source>Speaks as OpenAI does</source>
        <translation>Spricht wie OpenAI</translation>
    </message>
    <message>
        <source>this machine</source>
        <translation>dieser Computer</translation>
    </message>
    <message>
        <source>local network</source>
        <translation>lokales Netz</translation>
    </message>
    <message>
        <source>leaves this machine</source>
        <translation>verlässt diesen Computer</translation>
    </message>
    <message>
        <source>What you write to its models stays on this machine.</source>
        <translation>Was du seinen Modellen schreibst, bleibt auf diesem Computer.</translation>
    </message>
    <message>
        <source>What you write to its models goes to {host} in your network.</source>
        <translation>Was du seinen Modellen schreibst, geht an {host} in deinem Netz.</translation>
    </message>
    <message>
        <source>What you write to its models goes to {host}.</source>
        <translation>Was du seinen Modellen schreibst, geht an {host}.</translation>
    </message>
    <message>
        <source>not looked at yet</source>
        <translation>noch nicht abgefragt</translation>
    </message>
    <message>
        <source>looked at just now</source>
        <translation>eben abgefragt</translation>
    </message>
    <message>
        <source>looked at {count} min ago</source>
        <translation>vor {count} min abgefragt</translation>
    </message>
    <message>
        <source>looked at {when}</source>
        <translation>abgefragt am {when}</translation>
    </message>
    <message>
        <source>1 model</source>
        <translation>1 Modell</translation>
    </message>
    <message>
        <source>{count} models</source>
        <translation>{count} Modelle</translation>
    </message>
    <message>
        <source>input {amount}</source>
        <translation>Eingabe {amount}</translation>
    </message>
    <message>
        <source>output {amount}</source>
        <translation>Ausgabe {amount}</translation>
    </message>
    <message>
        <source>cached {amount}</source>
        <translation>aus Cache {amount}</translation>
    </message>
    <message>
        <source>key in the variable {name}</source>
        <translation>Schlüssel in der Variablen {name}</translation>
    </message>
    <message>
        <source>key in the keyring</source>
        <translation>Schlüssel im Schlüsselbund</translation>
    </message>
    <message>
        <source>key in the encrypted file</source>
        <translation>Schlüssel in der verschlüsselten Datei</translation>
    </message>
    <message>
        <source>key for this run only</source>
        <translation>Schlüssel nur bis zum Beenden</translation>
    </message>
</context>
<context>
    <name>recipe</name>
    <message>
        <source>method</source>
        <translation>method</translation>
    </message>
    <message>
        <source>pretrain</source>
        <translation>pretrain</translation>
    </message>
    <message>
        <source>continue</source>
        <translation>continue</translation>
    </message>
    <message>
        <source>full</source>
        <translation>full</translation>
    </message>
    <message>
        <source>lora</source>
        <translation>lora</translation>
    </message>
    <message>
        <source>classify</source>
        <translation>classify</translation>
    </message>
    <message>
        <source>dpo</source>
        <translation>dpo</translation>
    </message>
    <message>
        <source>data</source>
        <translation>data</translation>
    </message>
    <message>
        <source>file or list of files; relative to the recipe file; $SEEDLING_DATA is filled in</source>
        <translation>Datei oder Liste von Dateien, relativ zur Rezeptdatei; $SEEDLING_DATA wird eingesetzt</translation>
    </message>
    <message>
        <source>columns</source>
        <translation>columns</translation>
    </message>
    <message>
        <source>which column holds what, where it cannot be told: text=body, label=kind</source>
        <translation>welche Spalte was enthält, wo es sich nicht erkennen lässt: text=body, label=kind</translation>
    </message>
    <message>
        <source>exclude_rows</source>
        <translation>exclude_rows</translation>
    </message>
    <message>
        <source>rows that are left out, by their numbers from 1 among those that can be read: 17, 200-250</source>
        <translation>Zeilen, die wegbleiben, nach ihren Nummern ab 1 unter den lesbaren: 17, 200-250</translation>
    </message>
    <message>
        <source>evaluation</source>
        <translation>evaluation</translation>
    </message>
    <message>
        <source>files to evaluate on, instead of a share of the data</source>
        <translation>Dateien zum Auswerten, statt eines Teils der Daten</translation>
    </message>
    <message>
        <source>data_sha256</source>
        <translation>data_sha256</translation>
    </message>
    <message>
        <source>sha256 of each data file; another content is refused</source>
        <translation>sha256 jeder Datei mit Daten; ein anderer Inhalt wird abgelehnt</translation>
    </message>
    <message>
        <source>model</source>
        <translation>model</translation>
    </message>
    <message>
        <source>the parent, in all but pretrain: a model folder, a GGUF file, a run, or a name in the library</source>
        <translation>das Ausgangsmodell, außer bei pretrain: ein Modellordner, eine GGUF-Datei, ein Lauf oder ein Name aus der Bibliothek</translation>
    </message>
    <message>
        <source>out</source>
        <translation>out</translation>
    </message>
    <message>
        <source>the run folder; by default named after `name` under the home</source>
        <translation>der Ordner des Laufs; ohne Angabe nach `name` benannt, im Ordner von Seedling</translation>
    </message>
    <message>
        <source>name</source>
        <translation>name</translation>
    </message>
    <message>
        <source>what the model is called</source>
        <translation>wie das Modell heißt</translation>
    </message>
    <message>
        <source>licence</source>
        <translation>licence</translation>
    </message>
    <message>
        <source>licence of the trained model, for its card; by default the parent&apos;s or the data&apos;s</source>
        <translation>Lizenz des trainierten Modells, für seine Karte; ohne Angabe die des Ausgangsmodells oder der Daten</translation>
    </message>
    <message>
        <source>data_licence</source>
        <translation>data_licence</translation>
    </message>
    <message>
        <source>licence of the data, for the model card</source>
        <translation>Lizenz der Daten, für die Modellkarte</translation>
    </message>
    <message>
        <source>credits</source>
        <translation>credits</translation>
    </message>
    <message>
        <source>whom the model card thanks: authors and licences of the data</source>
        <translation>wem die Modellkarte dankt: Autoren und Lizenzen der Daten</translation>
    </message>
    <message>
        <source>replay</source>
        <translation>replay</translation>
    </message>
    <message>
        <source>general text that is mixed in, so that it is kept</source>
        <translation>allgemeiner Text, der beigemischt wird, damit das Modell ihn nicht verlernt</translation>
    </message>
    <message>
        <source>replay_share</source>
        <translation>replay_share</translation>
    </message>
    <message>
        <source>share of the windows that come from replay (default 0.1)</source>
        <translation>Anteil der Fenster, die aus replay kommen (Vorgabe 0.1)</translation>
    </message>
    <message>
        <source>train_on</source>
        <translation>train_on</translation>
    </message>
    <message>
        <source>what of a conversation is learnt: all replies (default), the last one, or what everyone says</source>
        <translation>was von einem Gespräch gelernt wird: alle Antworten (Vorgabe), die letzte, oder was alle sagen</translation>
    </message>
    <message>
        <source>replies</source>
        <translation>replies</translation>
    </message>
    <message>
        <source>last</source>
        <translation>last</translation>
    </message>
    <message>
        <source>all</source>
        <translation>all</translation>
    </message>
    <message>
        <source>shape</source>
        <translation>shape</translation>
    </message>
    <message>
        <source>gpt2</source>
        <translation>gpt2</translation>
    </message>
    <message>
        <source>qwen3</source>
        <translation>qwen3</translation>
    </message>
    <message>
        <source>llama</source>
        <translation>llama</translation>
    </message>
    <message>
        <source>qwen2</source>
        <translation>qwen2</translation>
    </message>
    <message>
        <source>mistral</source>
        <translation>mistral</translation>
    </message>
    <message>
        <source>gemma2</source>
        <translation>gemma2</translation>
    </message>
    <message>
        <source>gemma3_text</source>
        <translation>gemma3_text</translation>
    </message>
    <message>
        <source>olmo2</source>
        <translation>olmo2</translation>
    </message>
    <message>
        <source>gpt_neox</source>
        <translation>gpt_neox</translation>
    </message>
    <message>
        <source>starcoder2</source>
        <translation>starcoder2</translation>
    </message>
    <message>
        <source>phi3</source>
        <translation>phi3</translation>
    </message>
    <message>
        <source>layers</source>
        <translation>layers</translation>
    </message>
    <message>
        <source>transformer blocks; by default chosen by the size of the text</source>
        <translation>Transformer-Blöcke; ohne Angabe nach der Größe des Textes gewählt</translation>
    </message>
    <message>
        <source>width</source>
        <translation>width</translation>
    </message>
    <message>
        <source>size of the residual stream; by default chosen by the size of the text</source>
        <translation>Größe des Residualstroms; ohne Angabe nach der Größe des Textes gewählt</translation>
    </message>
    <message>
        <source>heads</source>
        <translation>heads</translation>
    </message>
    <message>
        <source>attention heads; by default one for each 64 of the width</source>
        <translation>Attention-Köpfe; ohne Angabe einer je 64 der Breite</translation>
    </message>
    <message>
        <source>kv_heads</source>
        <translation>kv_heads</translation>
    </message>
    <message>
        <source>raw text: pretrain, continue; conversations: full, lora; labelled texts: classify; pairs: dpo</source>
        <translation>Text: pretrain, continue; Gespräche: full, lora; Texte mit Labels: classify; Paare: dpo</translation>
    </message>
    <message>
        <source>what the layers are like; a new model is qwen3 (default), llama, or gpt2, the textbook model</source>
        <translation>wie die Schichten gebaut sind; ein neues Modell ist qwen3 (Vorgabe), llama oder gpt2, das Modell der Lehrbücher</translation>
    </message>
    <message>
        <source>heads of keys and values, which the others share; by default half the heads</source>
        <translation>Köpfe mit Schlüsseln und Werten, die sich die übrigen teilen; ohne Angabe halb so viele wie Köpfe</translation>
    </message>
    <message>
        <source>feed_forward</source>
        <translation>feed_forward</translation>
    </message>
    <message>
        <source>inner size of the feed-forward network; by default 8/3 or 4 widths</source>
        <translation>innere Größe des Feed-Forward-Netzes; ohne Angabe das 8/3- oder 4-Fache der Breite</translation>
    </message>
    <message>
        <source>vocabulary</source>
        <translation>vocabulary</translation>
    </message>
    <message>
        <source>tokens of the tokenizer; by default chosen by the size of the text</source>
        <translation>Token des Tokenizers; ohne Angabe nach der Größe des Textes gewählt</translation>
    </message>
    <message>
        <source>context</source>
        <translation>context</translation>
    </message>
    <message>
        <source>positions the model can see; by default max_length, else 256 or 512</source>
        <translation>Positionen, die das Modell sehen kann; ohne Angabe max_length, sonst 256 oder 512</translation>
    </message>
    <message>
        <source>dropout</source>
        <translation>dropout</translation>
    </message>
    <message>
        <source>share of activations dropped in training (default 0)</source>
        <translation>Anteil der Aktivierungen, die im Training wegfallen (Vorgabe 0)</translation>
    </message>
    <message>
        <source>qkv_bias</source>
        <translation>qkv_bias</translation>
    </message>
    <message>
        <source>biases on queries, keys and values (gpt2; default no)</source>
        <translation>Bias-Werte für Queries, Keys und Values (gpt2; Vorgabe nein)</translation>
    </message>
    <message>
        <source>tied</source>
        <translation>tied</translation>
    </message>
    <message>
        <source>the output layer is the embedding (default yes)</source>
        <translation>die Ausgabeschicht ist das Embedding (Vorgabe ja)</translation>
    </message>
    <message>
        <source>max_length</source>
        <translation>max_length</translation>
    </message>
    <message>
        <source>tokens of a training window; by default the context</source>
        <translation>Token eines Trainingsfensters; ohne Angabe der Kontext</translation>
    </message>
    <message>
        <source>stride</source>
        <translation>stride</translation>
    </message>
    <message>
        <source>tokens from one window to the next; by default max_length: no overlap</source>
        <translation>Token von einem Fenster zum nächsten; ohne Angabe max_length: keine Überlappung</translation>
    </message>
    <message>
        <source>batch_size</source>
        <translation>batch_size</translation>
    </message>
    <message>
        <source>windows or conversations of a micro-batch (default 16)</source>
        <translation>Fenster oder Gespräche eines Mikro-Batches (Vorgabe 16)</translation>
    </message>
    <message>
        <source>accumulation</source>
        <translation>accumulation</translation>
    </message>
    <message>
        <source>micro-batches of a step; by default as many as memory makes needed</source>
        <translation>Mikro-Batches eines Schritts; ohne Angabe so viele, wie der Speicher nötig macht</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>steps</translation>
    </message>
    <message>
        <source>optimizer steps; by default as many as `epochs` takes</source>
        <translation>Schritte des Optimierers; ohne Angabe so viele, wie sich aus `epochs` ergeben</translation>
    </message>
    <message>
        <source>epochs</source>
        <translation>epochs</translation>
    </message>
    <message>
        <source>passes over the data, instead of steps (default 3, and at least 200 steps)</source>
        <translation>Durchgänge durch die Daten, statt Schritten (Vorgabe 3, und mindestens 200 Schritte)</translation>
    </message>
    <message>
        <source>validation_share</source>
        <translation>validation_share</translation>
    </message>
    <message>
        <source>share held back for evaluation (default 0.05)</source>
        <translation>Anteil, der für die Auswertung zurückgehalten wird (Vorgabe 0.05)</translation>
    </message>
    <message>
        <source>optimizer</source>
        <translation>optimizer</translation>
    </message>
    <message>
        <source>muon (default of pretrain) or adamw</source>
        <translation>muon (Vorgabe bei pretrain) oder adamw</translation>
    </message>
    <message>
        <source>adamw</source>
        <translation>adamw</translation>
    </message>
    <message>
        <source>muon</source>
        <translation>muon</translation>
    </message>
    <message>
        <source>learning_rate</source>
        <translation>learning_rate</translation>
    </message>
    <message>
        <source>peak learning rate; by default chosen by method and size</source>
        <translation>höchste Lernrate; ohne Angabe nach Methode und Größe gewählt</translation>
    </message>
    <message>
        <source>adamw_rate</source>
        <translation>adamw_rate</translation>
    </message>
    <message>
        <source>rate of what muon leaves to AdamW (embedding, head, norms, biases), as a multiple of learning_rate (default 5 in pretrain, else 1)</source>
        <translation>Lernrate dessen, was muon AdamW überlässt (Embedding, Kopf, Normen, Bias-Werte), als Vielfaches von learning_rate (Vorgabe 5 bei pretrain, sonst 1)</translation>
    </message>
    <message>
        <source>schedule</source>
        <translation>schedule</translation>
    </message>
    <message>
        <source>wsd (default of pretrain), cosine or constant</source>
        <translation>wsd (Vorgabe bei pretrain), cosine oder constant</translation>
    </message>
    <message>
        <source>cosine</source>
        <translation>cosine</translation>
    </message>
    <message>
        <source>wsd</source>
        <translation>wsd</translation>
    </message>
    <message>
        <source>constant</source>
        <translation>constant</translation>
    </message>
    <message>
        <source>warmup</source>
        <translation>warmup</translation>
    </message>
    <message>
        <source>steps from 0 to the peak; by default a twentieth, at most 100</source>
        <translation>Schritte von 0 bis zur höchsten Lernrate; ohne Angabe ein Zwanzigstel, höchstens 100</translation>
    </message>
    <message>
        <source>decay</source>
        <translation>decay</translation>
    </message>
    <message>
        <source>share of the steps that lead down at the end of wsd (default 0.4)</source>
        <translation>Anteil der Schritte, in denen die Lernrate am Ende von wsd sinkt (Vorgabe 0.4)</translation>
    </message>
    <message>
        <source>min_learning_rate</source>
        <translation>min_learning_rate</translation>
    </message>
    <message>
        <source>where schedules end, as a share of the peak (default 0.05)</source>
        <translation>wo die Lernrate endet, als Anteil der höchsten (Vorgabe 0.05)</translation>
    </message>
    <message>
        <source>weight_decay</source>
        <translation>weight_decay</translation>
    </message>
    <message>
        <source>decay of matrices; by default 0.1 in pretraining, 0.01 after</source>
        <translation>wie stark Matrizen schrumpfen; ohne Angabe 0.1 beim Vortraining, danach 0.01</translation>
    </message>
    <message>
        <source>beta2</source>
        <translation>beta2</translation>
    </message>
    <message>
        <source>AdamW&apos;s second beta (default 0.95)</source>
        <translation>zweites Beta von AdamW (Vorgabe 0.95)</translation>
    </message>
    <message>
        <source>clip</source>
        <translation>clip</translation>
    </message>
    <message>
        <source>largest gradient norm; 0 does not clip (default 1)</source>
        <translation>größte Norm des Gradienten; 0 begrenzt nicht (Vorgabe 1)</translation>
    </message>
    <message>
        <source>evaluate_every</source>
        <translation>evaluate_every</translation>
    </message>
    <message>
        <source>steps between evaluations (default a tenth, at most 250)</source>
        <translation>Schritte zwischen Auswertungen (Vorgabe ein Zehntel, höchstens 250)</translation>
    </message>
    <message>
        <source>evaluate_batches</source>
        <translation>evaluate_batches</translation>
    </message>
    <message>
        <source>micro-batches of an evaluation, spread evenly (default 32)</source>
        <translation>Mikro-Batches einer Auswertung, gleichmäßig verteilt (Vorgabe 32)</translation>
    </message>
    <message>
        <source>patience</source>
        <translation>patience</translation>
    </message>
    <message>
        <source>stop after so many evaluations without a better one; 0 never (default 5, or 0 where steps are given)</source>
        <translation>nach so vielen Auswertungen anhalten, wenn keine besser war; 0 nie (Vorgabe 5, oder 0, wo steps gegeben ist)</translation>
    </message>
    <message>
        <source>keep</source>
        <translation>keep</translation>
    </message>
    <message>
        <source>which weights are the model: best (default; lowest held-back loss) or last</source>
        <translation>welche Gewichte zum Modell werden: best (Vorgabe; kleinster Loss auf zurückgehaltenen Daten) oder last</translation>
    </message>
    <message>
        <source>best</source>
        <translation>best</translation>
    </message>
    <message>
        <source>checkpoint_every</source>
        <translation>checkpoint_every</translation>
    </message>
    <message>
        <source>steps between checkpoints; by default evaluate_every</source>
        <translation>Schritte zwischen Checkpoints; ohne Angabe evaluate_every</translation>
    </message>
    <message>
        <source>log_every</source>
        <translation>log_every</translation>
    </message>
    <message>
        <source>steps between lines of metrics (default 1, with over 1000 steps 10)</source>
        <translation>Schritte zwischen Zeilen mit Messwerten (Vorgabe 1, bei über 1000 Schritten 10)</translation>
    </message>
    <message>
        <source>sample_every</source>
        <translation>sample_every</translation>
    </message>
    <message>
        <source>steps between samples; 0 writes none (default evaluate_every)</source>
        <translation>Schritte zwischen Textproben; 0 schreibt keine (Vorgabe evaluate_every)</translation>
    </message>
    <message>
        <source>sample_prompt</source>
        <translation>sample_prompt</translation>
    </message>
    <message>
        <source>what samples begin with (default: as the text does); in full, what the user says</source>
        <translation>womit Textproben beginnen (Vorgabe: wie der Text); bei full, was der Mensch sagt</translation>
    </message>
    <message>
        <source>precision</source>
        <translation>precision</translation>
    </message>
    <message>
        <source>auto, float32 or bf16 (default auto: bf16 where it is faster)</source>
        <translation>auto, float32 oder bf16 (Vorgabe auto: bf16, wo es schneller ist)</translation>
    </message>
    <message>
        <source>auto</source>
        <translation>auto</translation>
    </message>
    <message>
        <source>float32</source>
        <translation>float32</translation>
    </message>
    <message>
        <source>bf16</source>
        <translation>bf16</translation>
    </message>
    <message>
        <source>recompute</source>
        <translation>recompute</translation>
    </message>
    <message>
        <source>compute blocks again backward: far less memory, a third more time (gradient checkpointing; by default where nothing else fits)</source>
        <translation>Blöcke im Rückwärtslauf neu berechnen: viel weniger Speicher, ein Drittel mehr Zeit (Gradient Checkpointing; ohne Angabe dort, wo es sonst nicht passt)</translation>
    </message>
    <message>
        <source>device</source>
        <translation>device</translation>
    </message>
    <message>
        <source>auto, cpu, cuda or mps (default auto)</source>
        <translation>auto, cpu, cuda oder mps (Vorgabe auto)</translation>
    </message>
    <message>
        <source>cpu</source>
        <translation>cpu</translation>
    </message>
    <message>
        <source>cuda</source>
        <translation>cuda</translation>
    </message>
    <message>
        <source>mps</source>
        <translation>mps</translation>
    </message>
    <message>
        <source>compile</source>
        <translation>compile</translation>
    </message>
    <message>
        <source>no (default), yes, or auto: compile the steps where a C++ compiler is found</source>
        <translation>no (Vorgabe), yes oder auto: die Schritte kompilieren, wo sich ein C++-Compiler findet</translation>
    </message>
    <message>
        <source>no</source>
        <translation>no</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>yes</translation>
    </message>
    <message>
        <source>parallel</source>
        <translation>parallel</translation>
    </message>
    <message>
        <source>of several processes (torchrun), each holds the whole model: replicate (default), or a part of it, its gradients and its optimizer: shard (FSDP2)</source>
        <translation>von mehreren Prozessen (torchrun) hält jeder das ganze Modell: replicate (Vorgabe), oder einen Teil davon samt Gradienten und Optimierer: shard (FSDP2)</translation>
    </message>
    <message>
        <source>replicate</source>
        <translation>replicate</translation>
    </message>
    <message>
        <source>shard</source>
        <translation>shard</translation>
    </message>
    <message>
        <source>threads</source>
        <translation>threads</translation>
    </message>
    <message>
        <source>threads of the processor; by default all cores</source>
        <translation>Threads des Prozessors; ohne Angabe alle Kerne</translation>
    </message>
    <message>
        <source>seed</source>
        <translation>seed</translation>
    </message>
    <message>
        <source>fixes weights, data order and dropout (default 0)</source>
        <translation>legt Gewichte, Reihenfolge der Daten und Dropout fest (Vorgabe 0)</translation>
    </message>
    <message>
        <source>lora.rank</source>
        <translation>lora.rank</translation>
    </message>
    <message>
        <source>rank of the adapter&apos;s matrices (default 16)</source>
        <translation>Rang der Matrizen des Adapters (Vorgabe 16)</translation>
    </message>
    <message>
        <source>lora.alpha</source>
        <translation>lora.alpha</translation>
    </message>
    <message>
        <source>the adapter counts alpha / rank times (default twice the rank)</source>
        <translation>der Adapter wirkt mit dem Faktor alpha / rank (Vorgabe: das Doppelte von rank)</translation>
    </message>
    <message>
        <source>lora.dropout</source>
        <translation>lora.dropout</translation>
    </message>
    <message>
        <source>share of an adapter&apos;s input dropped in training (default 0)</source>
        <translation>Anteil der Eingabe eines Adapters, der im Training wegfällt (Vorgabe 0)</translation>
    </message>
    <message>
        <source>lora.targets</source>
        <translation>lora.targets</translation>
    </message>
    <message>
        <source>layers with an adapter, by the ends of their names (default all-linear)</source>
        <translation>Schichten mit einem Adapter, nach den Enden ihrer Namen (Vorgabe all-linear)</translation>
    </message>
    <message>
        <source>lora.rslora</source>
        <translation>lora.rslora</translation>
    </message>
    <message>
        <source>count alpha / sqrt(rank) times instead: steadier at high ranks (default no)</source>
        <translation>stattdessen mit dem Faktor alpha / sqrt(rank): stabiler bei hohen Rängen (Vorgabe nein)</translation>
    </message>
    <message>
        <source>lora.bits</source>
        <translation>lora.bits</translation>
    </message>
    <message>
        <source>keep the frozen model in 8 or 4 bits, which saves memory (default no)</source>
        <translation>das eingefrorene Modell in 8 oder 4 Bit halten, was Speicher spart (Vorgabe nein)</translation>
    </message>
    <message>
        <source>8</source>
        <translation>8</translation>
    </message>
    <message>
        <source>4</source>
        <translation>4</translation>
    </message>
    <message>
        <source>lora.merge</source>
        <translation>lora.merge</translation>
    </message>
    <message>
        <source>also write the whole model with the adapter merged in, as merged/ (default no)</source>
        <translation>auch das ganze Modell mit eingerechnetem Adapter schreiben, als merged/ (Vorgabe nein)</translation>
    </message>
    <message>
        <source>dpo.loss</source>
        <translation>dpo.loss</translation>
    </message>
    <message>
        <source>sigmoid (default), ipo, or normalised by the lengths of the replies</source>
        <translation>sigmoid (Vorgabe), ipo oder normalised, auf die Längen der Antworten bezogen</translation>
    </message>
    <message>
        <source>sigmoid</source>
        <translation>sigmoid</translation>
    </message>
    <message>
        <source>ipo</source>
        <translation>ipo</translation>
    </message>
    <message>
        <source>normalised</source>
        <translation>normalised</translation>
    </message>
    <message>
        <source>dpo.beta</source>
        <translation>dpo.beta</translation>
    </message>
    <message>
        <source>how dear it is to leave the reference (default 0.1, normalised 5)</source>
        <translation>wie teuer es ist, sich von der Referenz zu entfernen (Vorgabe 0.1, bei normalised 5)</translation>
    </message>
    <message>
        <source>dpo.train</source>
        <translation>dpo.train</translation>
    </message>
    <message>
        <source>full, or lora: an adapter; by default chosen by the model&apos;s size</source>
        <translation>full, oder lora: ein Adapter; ohne Angabe nach der Größe des Modells gewählt</translation>
    </message>
    <message>
        <source>classify.layers</source>
        <translation>classify.layers</translation>
    </message>
    <message>
        <source>blocks trained with the final norm and the head: all, or so many last ones (default a third)</source>
        <translation>Blöcke, die mit der letzten Norm und dem Kopf trainiert werden: all, oder so viele der letzten (Vorgabe ein Drittel)</translation>
    </message>
    <message>
        <source>classify.weights</source>
        <translation>classify.weights</translation>
    </message>
    <message>
        <source>balanced: rare classes count more, none: rows count alike; by default chosen by the labels</source>
        <translation>balanced: seltene Klassen zählen mehr, none: alle Zeilen zählen gleich; ohne Angabe nach den Labels gewählt</translation>
    </message>
    <message>
        <source>balanced</source>
        <translation>balanced</translation>
    </message>
    <message>
        <source>none</source>
        <translation>none</translation>
    </message>
</context>
<context>
    <name>recovering</name>
    <message>
        <source>1 chat</source>
        <translation>1 Chat</translation>
    </message>
    <message>
        <source>{count} chats</source>
        <translation>{count} Chats</translation>
    </message>
    <message>
        <source>1 message</source>
        <translation>1 Nachricht</translation>
    </message>
    <message>
        <source>{count} messages</source>
        <translation>{count} Nachrichten</translation>
    </message>
    <message>
        <source>The file of the chats was damaged. {chats} with {messages} are back.</source>
        <translation>Die Datei der Chats war beschädigt. {chats} mit {messages} sind zurück.</translation>
    </message>
    <message>
        <source>The file of the chats was damaged, and nothing of it can be read.</source>
        <translation>Die Datei der Chats war beschädigt, und nichts davon lässt sich lesen.</translation>
    </message>
    <message>
        <source>1 of the messages is from the backup of {date}.</source>
        <translation>1 der Nachrichten stammt aus der Sicherung vom {date}.</translation>
    </message>
    <message>
        <source>{count} of the messages are from the backup of {date}.</source>
        <translation>{count} der Nachrichten stammen aus der Sicherung vom {date}.</translation>
    </message>
    <message>
        <source>The damaged file is kept as {place}.</source>
        <translation>Die beschädigte Datei bleibt als {place} erhalten.</translation>
    </message>
</context>
<context>
    <name>self._view</name>
    <message>
        <source>{label} taken for {other}: {count}</source>
        <translation>{label} für {other} gehalten: {count}</translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>About Seedling</source>
        <translation>Über Seedling</translation>
    </message>
    <message>
        <source>This version</source>
        <translation>Diese Version</translation>
    </message>
    <message>
        <source>What it is made of, its licences, and a look for a newer one now.</source>
        <translation>Woraus sie besteht, ihre Lizenzen und die Suche nach einer neueren, jetzt gleich.</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokolle</translation>
    </message>
    <message>
        <source>At most 20 MB; the oldest go by themselves.</source>
        <translation>Höchstens 20 MB; die ältesten gehen von selbst.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Erscheinung</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Sicherungen</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>Speicherorte</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>Downloads</translation>
    </message>
    <message>
        <source>Performance</source>
        <translation>Leistung</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Privatsphäre</translation>
    </message>
    <message>
        <source>Updates</source>
        <translation>Updates</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>This Seedling carries its data with it: chats, models, settings and logs lie beside the program, in {place}. Keys alone stay in the keyring of the computer they were entered on.</source>
        <translation>Dieses Seedling trägt seine Daten bei sich: Chats, Modelle, Einstellungen und Protokolle liegen neben dem Programm, in {place}. Nur Schlüssel bleiben im Schlüsselbund des Computers, an dem sie eingegeben wurden.</translation>
    </message>
    <message>
        <source>This computer: {cores} cores, {threads} threads, {memory} of memory.</source>
        <translation>Dieser Computer: {cores} Kerne, {threads} Threads, {memory} Speicher.</translation>
    </message>
    <message>
        <source>automatic ({count})</source>
        <translation>automatisch ({count})</translation>
    </message>
    <message>
        <source>none by itself</source>
        <translation>keine von selbst</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Detailed</source>
        <translation>Ausführlich</translation>
    </message>
    <message>
        <source>{reason} Meanwhile chats can be read, and nothing new is kept.</source>
        <translation>{reason} Inzwischen lassen sich Chats lesen, und nichts Neues wird aufbewahrt.</translation>
    </message>
    <message>
        <source>{reason} Meanwhile the chats cannot be read; their file stays as it is, and nothing new is kept.</source>
        <translation>{reason} Inzwischen lassen sich die Chats nicht lesen; ihre Datei bleibt, wie sie ist, und nichts Neues wird aufbewahrt.</translation>
    </message>
    <message>
        <source>The backup is put back. The chats of before are kept as {place}.</source>
        <translation>Die Sicherung ist zurückgespielt. Die früheren Chats bleiben als {place} erhalten.</translation>
    </message>
    <message>
        <source>The chats are not moved: {reason}</source>
        <translation>Die Chats sind nicht umgezogen: {reason}</translation>
    </message>
    <message>
        <source>The chats are not there</source>
        <translation>Die Chats sind nicht da</translation>
    </message>
    <message>
        <source>The folder of the chats is not there, or holds none: {place}</source>
        <translation>Der Ordner der Chats ist nicht da oder enthält keine: {place}</translation>
    </message>
    <message>
        <source>Connect its disk and try again. In the usual place another list of chats begins, and these stay where they are: choose their folder in the settings to have them again.</source>
        <translation>Schließ seinen Datenträger an und versuch es noch einmal. Am üblichen Ort beginnt eine andere Liste von Chats, und diese bleiben, wo sie sind: Wähle ihren Ordner in den Einstellungen, um sie wiederzuhaben.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Use the usual place</source>
        <translation>Üblichen Ort verwenden</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>%n files, {size}</source>
        <translation>%n Dateien, {size}</translation>
    </message>
    <message>
        <source>Chats kept ready now</source>
        <translation>Jetzt bereitgehalten</translation>
    </message>
    <message>
        <source>Deleting it costs nothing but time: the chats stay as they are.</source>
        <translation>Es zu löschen kostet nur Zeit: Die Chats bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>%n chats, {size}</source>
        <translation>%n Chats, {size}</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortfahren</translation>
    </message>
    <message>
        <source>Give up the move</source>
        <translation>Umzug aufgeben</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Light or dark, as the system has it, or black and white with the strongest contrast.</source>
        <translation>Hell oder dunkel wie das System, oder schwarz und weiß mit dem stärksten Kontrast.</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>Schriftgröße</translation>
    </message>
    <message>
        <source>The size of all text; everything else grows with it.</source>
        <translation>Die Größe aller Schrift; alles andere wächst mit.</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>Bewegung</translation>
    </message>
    <message>
        <source>Short movements where something appears or goes away.</source>
        <translation>Kurze Bewegungen, wo etwas erscheint oder verschwindet.</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>A line of figures under every reply: tokens, speed, and the time to the first word.</source>
        <translation>Eine Zeile mit Zahlen unter jeder Antwort: Token, Tempo und die Zeit bis zum ersten Wort.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>The language of the window. It changes when Seedling starts next.</source>
        <translation>Die Sprache des Fensters. Sie ändert sich beim nächsten Start von Seedling.</translation>
    </message>
    <message>
        <source>Backups to keep</source>
        <translation>Sicherungen aufbewahren</translation>
    </message>
    <message>
        <source>How many backups are kept: of the last days, then one a week, then one a month; and the last one that an earlier Seedling can open. One is made on each day that Seedling runs; 0 makes none by itself.</source>
        <translation>Wie viele Sicherungen bleiben: die der letzten Tage, dann eine je Woche, dann eine je Monat; und die letzte, die ein früheres Seedling öffnen kann. An jedem Tag, an dem Seedling läuft, entsteht eine; bei 0 entsteht keine von selbst.</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>Chats</translation>
    </message>
    <message>
        <source>All chats lie here in one file, seedling.db.</source>
        <translation>Alle Chats liegen hier in einer Datei, seedling.db.</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Models that Seedling itself fetches lie here. Those you add stay where they are.</source>
        <translation>Hier liegen Modelle, die Seedling selbst holt. Was du hinzufügst, bleibt, wo es ist.</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Trainings</translation>
    </message>
    <message>
        <source>Trainings lie here, with their checkpoints and the models they made.</source>
        <translation>Hier liegen Trainings mit ihren Zwischenständen und den Modellen, die sie hervorbrachten.</translation>
    </message>
    <message>
        <source>Chats kept ready</source>
        <translation>Bereitgehaltene Chats</translation>
    </message>
    <message>
        <source>Room for what models have made of your chats, so that they need not read a long one again when you come back to it. It takes a twentieth of the free disk at most, and goes with the chat.</source>
        <translation>Platz für das, was Modelle aus deinen Chats gemacht haben, damit sie einen langen nicht neu lesen, wenn du zurückkommst. Höchstens ein Zwanzigstel des freien Platzes; es geht mit dem Chat.</translation>
    </message>
    <message>
        <source>Speed limit</source>
        <translation>Tempolimit</translation>
    </message>
    <message>
        <source>How much all downloads together may take of the connection. A change is followed at once.</source>
        <translation>Wie viel alle Downloads zusammen von der Leitung nehmen. Eine Änderung gilt sofort.</translation>
    </message>
    <message>
        <source>Address of the hub</source>
        <translation>Adresse des Hubs</translation>
    </message>
    <message>
        <source>A mirror of the Hugging Face Hub. Empty: HF_ENDPOINT where it is set, else huggingface.co.</source>
        <translation>Ein Spiegel des Hugging Face Hub. Leer: HF_ENDPOINT, wo gesetzt, sonst huggingface.co.</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>A proxy for the hub and downloads, such as http://proxy:8080. Empty: the system&apos;s own.</source>
        <translation>Ein Proxy für Hub und Downloads, etwa http://proxy:8080. Leer: der des Systems.</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>How many processor threads a model computes with. A model that is loaded is opened again for it.</source>
        <translation>Mit wie vielen Prozessor-Threads ein Modell rechnet. Ein geladenes wird dafür neu geöffnet.</translation>
    </message>
    <message>
        <source>Memory for a model</source>
        <translation>Speicher für ein Modell</translation>
    </message>
    <message>
        <source>The share of this computer&apos;s memory that a model may take. A larger one is refused before it is loaded.</source>
        <translation>Welchen Anteil des Speichers dieses Computers ein Modell nehmen darf. Ein größeres wird abgelehnt, bevor es geladen wird.</translation>
    </message>
    <message>
        <source>Nothing leaves this computer</source>
        <translation>Nichts verlässt diesen Computer</translation>
    </message>
    <message>
        <source>Seedling asks no server but one on this computer: no hub, no download, no API.</source>
        <translation>Seedling fragt keinen Server außer auf diesem Computer: keinen Hub, keinen Download, keine API.</translation>
    </message>
    <message>
        <source>Look for newer versions</source>
        <translation>Nach neueren Versionen suchen</translation>
    </message>
    <message>
        <source>Look once a day, when Seedling starts. What is sent is one request for the list at the address below, and nothing about you, this computer or what you do. Nothing is fetched or installed by itself.</source>
        <translation>Einmal am Tag suchen, wenn Seedling startet. Gesendet wird eine Anfrage nach der Liste an der Adresse unten, und nichts über dich, diesen Computer oder was du tust. Nichts wird von selbst geholt oder installiert.</translation>
    </message>
    <message>
        <source>Address of newer versions</source>
        <translation>Adresse neuerer Versionen</translation>
    </message>
    <message>
        <source>Where newer versions are listed; it begins with https://. Empty: the address this version came with, if it came with one.</source>
        <translation>Wo neuere Versionen aufgeführt sind; sie beginnt mit https://. Leer: die Adresse, die diese Version mitbrachte, falls sie eine mitbrachte.</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Keys that differ from the usual ones.</source>
        <translation>Tasten, die von den üblichen abweichen.</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>Ausführlichkeit</translation>
    </message>
    <message>
        <source>Detailed logs help to find a fault; they grow faster. Neither holds what you or a model wrote.</source>
        <translation>Ausführliche Protokolle helfen, einen Fehler zu finden; sie wachsen schneller. Keines enthält, was du oder ein Modell geschrieben hat.</translation>
    </message>
</context>
<context>
    <name>shortcuts</name>
    <message>
        <source>Send the message</source>
        <translation>Nachricht senden</translation>
    </message>
    <message>
        <source>Begin a new line</source>
        <translation>Neue Zeile beginnen</translation>
    </message>
</context>
<context>
    <name>thought</name>
    <message>
        <source>Thinking… {time}</source>
        <translation>Denkt nach… {time}</translation>
    </message>
    <message>
        <source>Thought</source>
        <translation>Gedanken</translation>
    </message>
    <message>
        <source>Thought for {time}</source>
        <translation>Dachte {time} lang nach</translation>
    </message>
    <message>
        <source>{minutes} min {seconds} s</source>
        <translation>{minutes} min {seconds} s</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
</context>
<context>
    <name>training</name>
    <message>
        <source>{name}: {value}</source>
        <translation>{name}: {value}</translation>
    </message>
    <message>
        <source>Here because {reason}.</source>
        <translation>Grund: {reason}.</translation>
    </message>
    <message>
        <source>a minute</source>
        <translation>eine Minute</translation>
    </message>
    <message>
        <source>ten minutes</source>
        <translation>zehn Minuten</translation>
    </message>
    <message>
        <source>an hour</source>
        <translation>eine Stunde</translation>
    </message>
    <message>
        <source>a night</source>
        <translation>eine Nacht</translation>
    </message>
    <message>
        <source>A style or a skill, from examples</source>
        <translation>Ein Stil oder eine Fertigkeit, aus Beispielen</translation>
    </message>
    <message>
        <source>It learns to answer as the model does in your file.</source>
        <translation>Es lernt, so zu antworten wie das Modell in deiner Datei.</translation>
    </message>
    <message>
        <source>Facts or a language, from text</source>
        <translation>Fakten oder eine Sprache, aus Text</translation>
    </message>
    <message>
        <source>It reads your text and learns to go on as it does.</source>
        <translation>Es liest deinen Text und lernt, so fortzufahren wie er.</translation>
    </message>
    <message>
        <source>A new model, from nothing</source>
        <translation>Ein neues Modell, von Grund auf</translation>
    </message>
    <message>
        <source>It begins empty and knows only what your text says.</source>
        <translation>Es beginnt leer und weiß nur, was in deinem Text steht.</translation>
    </message>
    <message>
        <source>A label</source>
        <translation>Ein Label</translation>
    </message>
    <message>
        <source>It learns to tell which label a text has.</source>
        <translation>Es lernt zu erkennen, welches Label ein Text hat.</translation>
    </message>
    <message>
        <source>What you prefer</source>
        <translation>Was dir lieber ist</translation>
    </message>
    <message>
        <source>It learns to write more like the better replies, and less like the worse ones.</source>
        <translation>Es lernt, mehr wie die besseren Antworten zu schreiben und weniger wie die schlechteren.</translation>
    </message>
    <message>
        <source>What is learnt</source>
        <translation>Was gelernt wird</translation>
    </message>
    <message>
        <source>The model</source>
        <translation>Das Modell</translation>
    </message>
    <message>
        <source>Batches and length</source>
        <translation>Batches und Länge</translation>
    </message>
    <message>
        <source>Optimization</source>
        <translation>Optimierung</translation>
    </message>
    <message>
        <source>Along the way</source>
        <translation>Unterwegs</translation>
    </message>
    <message>
        <source>The machine</source>
        <translation>Der Computer</translation>
    </message>
    <message>
        <source>The adapter</source>
        <translation>Der Adapter</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Präferenzen</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <source>by itself</source>
        <translation>von selbst</translation>
    </message>
    <message>
        <source>The label</source>
        <translation>Das Label</translation>
    </message>
    <message>
        <source>The person</source>
        <translation>Der Mensch</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>Systemprompt</translation>
    </message>
    <message>
        <source>The better reply</source>
        <translation>Die bessere Antwort</translation>
    </message>
    <message>
        <source>The worse reply</source>
        <translation>Die schlechtere Antwort</translation>
    </message>
    <message>
        <source>{name} ran out of disk space at {step}. It can go on from there.</source>
        <translation>{name} brach bei {step} ab, weil der Datenträger voll war. Von dort kann es weitergehen.</translation>
    </message>
    <message>
        <source>{name} was cut short at {step}. It can go on from there.</source>
        <translation>{name} wurde bei {step} jäh beendet. Von dort kann es weitergehen.</translation>
    </message>
    <message>
        <source>step {step} of {steps}</source>
        <translation>Schritt {step} von {steps}</translation>
    </message>
    <message>
        <source>It will write pieces of words and the commonest words; there is little to read.</source>
        <translation>Es wird Wortstücke und die häufigsten Wörter schreiben; zu lesen gibt es daran wenig.</translation>
    </message>
    <message>
        <source>It will write words and short sentences like your text&apos;s, which seldom make sense together.</source>
        <translation>Es wird Wörter und kurze Sätze wie in deinem Text schreiben, die zusammen selten Sinn ergeben.</translation>
    </message>
    <message>
        <source>It will write whole sentences like your text&apos;s, which keep to a matter for a line or two.</source>
        <translation>Es wird ganze Sätze wie in deinem Text schreiben, die ein, zwei Zeilen lang bei der Sache bleiben.</translation>
    </message>
    <message>
        <source>It will write short texts like yours that mostly hang together.</source>
        <translation>Es wird kurze Texte wie deinen schreiben, die meist in sich stimmig sind.</translation>
    </message>
    <message>
        <source>It will write fluent texts like yours, of several paragraphs, with facts that are often wrong.</source>
        <translation>Es wird flüssige Texte wie deinen schreiben, mit mehreren Absätzen und mit Fakten, die oft falsch sind.</translation>
    </message>
    <message>
        <source>It goes on from what you write; it does not answer questions.</source>
        <translation>Es schreibt weiter, was du beginnst; Fragen beantwortet es nicht.</translation>
    </message>
    <message>
        <source>Running text</source>
        <translation>Fließtext</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Gespräche</translation>
    </message>
    <message>
        <source>Texts with labels</source>
        <translation>Texte mit Labels</translation>
    </message>
    <message>
        <source>Multiple choice questions</source>
        <translation>Multiple-Choice-Fragen</translation>
    </message>
    <message>
        <source>All messages</source>
        <translation>Alle Nachrichten</translation>
    </message>
    <message>
        <source>All turns</source>
        <translation>Alle Beiträge</translation>
    </message>
    <message>
        <source>What is asked</source>
        <translation>Was gefragt wird</translation>
    </message>
    <message>
        <source>What it is about</source>
        <translation>Worum es geht</translation>
    </message>
    <message>
        <source>The reply</source>
        <translation>Die Antwort</translation>
    </message>
    <message>
        <source>What was said before</source>
        <translation>Was vorher gesagt wurde</translation>
    </message>
    <message>
        <source>Replies, best first</source>
        <translation>Antworten, die beste zuerst</translation>
    </message>
    <message>
        <source>The question</source>
        <translation>Die Frage</translation>
    </message>
    <message>
        <source>The choices</source>
        <translation>Die Auswahl</translation>
    </message>
    <message>
        <source>The right answer</source>
        <translation>Die richtige Antwort</translation>
    </message>
    <message>
        <source>The text</source>
        <translation>Der Text</translation>
    </message>
    <message>
        <source>no language known</source>
        <translation>unbekannte Sprache</translation>
    </message>
    <message>
        <source>Half of the rows have up to {half} tokens, 99 of 100 up to {most}, the longest {longest}.</source>
        <translation>Die Hälfte der Zeilen hat bis zu {half} Token, 99 von 100 haben bis zu {most}, die längste hat {longest}.</translation>
    </message>
    <message>
        <source>{run}, step {step}</source>
        <translation>{run}, Schritt {step}</translation>
    </message>
    <message>
        <source>training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>held out</source>
        <translation>zurückgehalten</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Loss</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>right</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>right, all labels alike</source>
        <translation>richtig, Labels gleich gewichtet</translation>
    </message>
    <message>
        <source>F1, all labels alike</source>
        <translation>F1, Labels gleich gewichtet</translation>
    </message>
    <message>
        <source>Reward margin</source>
        <translation>Belohnungsabstand</translation>
    </message>
    <message>
        <source>Reward accuracy</source>
        <translation>Richtig belohnt</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>Gradientennorm</translation>
    </message>
    <message>
        <source>gradient norm</source>
        <translation>Gradientennorm</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>Token/s</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Finished early: it stopped getting better</source>
        <translation>Vorzeitig fertig: Es wurde nicht mehr besser</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pausiert</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>Unterbrochen</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Cannot be read</source>
        <translation>Nicht lesbar</translation>
    </message>
    <message>
        <source>a model from nothing</source>
        <translation>Modell von Grund auf</translation>
    </message>
    <message>
        <source>reading on</source>
        <translation>Weiteres Lesen</translation>
    </message>
    <message>
        <source>finetuning all weights</source>
        <translation>Anpassung aller Gewichte</translation>
    </message>
    <message>
        <source>finetuning an adapter</source>
        <translation>Anpassung mit Adapter</translation>
    </message>
    <message>
        <source>learning labels</source>
        <translation>Labels lernen</translation>
    </message>
    <message>
        <source>learning preferences</source>
        <translation>Präferenzen lernen</translation>
    </message>
    <message>
        <source>best held-out loss</source>
        <translation>bester Loss, zurückgehalten</translation>
    </message>
    <message>
        <source>held-out loss of the model</source>
        <translation>Loss des Modells, zurückgehalten</translation>
    </message>
    <message>
        <source>perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>bits per byte</source>
        <translation>Bits pro Byte</translation>
    </message>
    <message>
        <source>reward margin, held out</source>
        <translation>Belohnungsabstand, zurückgehalten</translation>
    </message>
    <message>
        <source>reward accuracy, held out</source>
        <translation>richtig belohnt, zurückgehalten</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>{count} s</source>
        <translation>{count} s</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} min</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
        <source>{days} d {hours} h</source>
        <translation>{days} d {hours} h</translation>
    </message>
    <message>
        <source>best {loss}</source>
        <translation>bester Wert {loss}</translation>
    </message>
    <message>
        <source>from {parent}</source>
        <translation>aus {parent}</translation>
    </message>
</context>
<context>
    <name>where</name>
    <message>
        <source>What you write in this chat goes to {host} in your network.</source>
        <translation>Was du in diesem Chat schreibst, geht an {host} in deinem Netz.</translation>
    </message>
    <message>
        <source>What you write in this chat leaves this machine: {host} passes it on.</source>
        <translation>Was du in diesem Chat schreibst, verlässt diesen Computer: {host} gibt es weiter.</translation>
    </message>
    <message>
        <source>What you write in this chat goes to {host}.</source>
        <translation>Was du in diesem Chat schreibst, geht an {host}.</translation>
    </message>
    <message>
        <source>You are asked once for each server. Other models, of this computer, keep all of it here.</source>
        <translation>Du wirst für jeden Server einmal gefragt. Andere Modelle, auf diesem Computer, behalten alles hier.</translation>
    </message>
    <message>
        <source>Use it?</source>
        <translation>Soll es verwendet werden?</translation>
    </message>
    <message>
        <source>Words leave this computer</source>
        <translation>Worte verlassen diesen Computer</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Verwenden</translation>
    </message>
</context>
<context>
    <name>worker</name>
    <message>
        <source>it stopped itself after an internal error (SIGABRT)</source>
        <translation>es hat sich nach einem internen Fehler selbst beendet (SIGABRT)</translation>
    </message>
    <message>
        <source>its model file changed or its drive was unplugged (SIGBUS)</source>
        <translation>seine Modelldatei hat sich geändert, oder ihr Datenträger wurde abgezogen (SIGBUS)</translation>
    </message>
    <message>
        <source>a calculation failed (SIGFPE)</source>
        <translation>eine Berechnung ist fehlgeschlagen (SIGFPE)</translation>
    </message>
    <message>
        <source>this processor lacks an instruction that it uses (SIGILL)</source>
        <translation>diesem Prozessor fehlt ein Befehl, den es verwendet (SIGILL)</translation>
    </message>
    <message>
        <source>the system ended it, most likely because memory ran out (SIGKILL)</source>
        <translation>das System hat es beendet, sehr wahrscheinlich, weil der Speicher ausging (SIGKILL)</translation>
    </message>
    <message>
        <source>it read memory that is not its own (SIGSEGV)</source>
        <translation>es hat Speicher gelesen, der ihm nicht gehört (SIGSEGV)</translation>
    </message>
    <message>
        <source>another program ended it (SIGTERM)</source>
        <translation>ein anderes Programm hat es beendet (SIGTERM)</translation>
    </message>
    <message>
        <source>it was ended by {signal}</source>
        <translation>{signal} hat es beendet</translation>
    </message>
    <message>
        <source>it ended with exit code {code}</source>
        <translation>es endete mit dem Exitcode {code}</translation>
    </message>
</context>
</TS>
