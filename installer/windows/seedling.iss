; The Windows installer (Inno Setup 6):
;   iscc /DVersion=0.1.0 [/DSign=1 "/Ssign=signtool sign /fd sha256 /tr ADDRESS /td sha256 /f FILE /p PASSWORD $f"] installer\windows\seedling.iss
; reads dist\seedling, writes dist\seedling-VERSION-windows-x86_64.exe. Without Sign nothing is signed, and Windows warns.

#ifndef Version
  #error The version is missing: iscc /DVersion=...
#endif

[Setup]
AppId={{6E0C6C3B-5D0B-4F0C-9C77-6C2F6E2D51A4}
AppName=Seedling
AppVersion={#Version}
DefaultDirName={autopf}\Seedling
DefaultGroupName=Seedling
; For one person without an administrator, or for all with one.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=seedling-{#Version}-windows-x86_64
SetupIconFile=..\..\build\icons\seedling.ico
UninstallDisplayIcon={app}\seedling-window.exe
; Setup and Uninstall ask that an open window be closed, also one of another person who is signed in: app/installer_mark.py
; puts up these names. For commands in a terminal, which have none, there is the Restart Manager; Uninstall does not ask it.
AppMutex=org.seedling.Seedling,Global\org.seedling.Seedling
CloseApplications=yes
RestartApplications=no
Compression=lzma2/max
SolidCompression=yes
ChangesAssociations=yes
ChangesEnvironment=yes
#ifdef Sign
SignTool=sign
SignedUninstaller=yes
#endif

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"
Name: "german"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "path"; Description: "Put the command line program seedling on the path"; Flags: unchecked

[InstallDelete]
; What an older version left there and this one has no more.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
#ifdef Sign
Source: "..\..\dist\seedling\seedling.exe"; DestDir: "{app}"; Flags: ignoreversion signonce
Source: "..\..\dist\seedling\seedling-window.exe"; DestDir: "{app}"; Flags: ignoreversion signonce
Source: "..\..\dist\seedling\*"; Excludes: "\seedling.exe,\seedling-window.exe"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
#else
Source: "..\..\dist\seedling\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
#endif

[Icons]
Name: "{group}\Seedling"; Filename: "{app}\seedling-window.exe"
Name: "{autodesktop}\Seedling"; Filename: "{app}\seedling-window.exe"; Tasks: desktopicon

[Registry]
; Ours: models and our addresses. Datasets are offered in "Open with" and stay with whom they belong to.
Root: HKA; Subkey: "Software\Classes\.gguf\OpenWithProgids"; ValueType: string; ValueName: "Seedling.Model"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\Seedling.Model"; ValueType: string; ValueData: "Language model (GGUF)"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Seedling.Model\shell\open\command"; ValueType: string; ValueData: """{app}\seedling-window.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\seedling"; ValueType: string; ValueData: "URL:Seedling"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\seedling"; ValueType: string; ValueName: "URL Protocol"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\seedling\shell\open\command"; ValueType: string; ValueData: """{app}\seedling-window.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\shell\open\command"; ValueType: string; ValueData: """{app}\seedling-window.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\SupportedTypes"; ValueType: string; ValueName: ".gguf"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\SupportedTypes"; ValueType: string; ValueName: ".jsonl"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\SupportedTypes"; ValueType: string; ValueName: ".csv"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\SupportedTypes"; ValueType: string; ValueName: ".parquet"; ValueData: ""

[Run]
Filename: "{app}\seedling-window.exe"; Description: "{cm:LaunchProgram,Seedling}"; Flags: nowait postinstall skipifsilent

[Code]
// The path of this person, or of all where it is installed for all. What is there keeps its order and its spelling.
function PathRoot: Integer;
begin
  if IsAdminInstallMode then
    Result := HKEY_LOCAL_MACHINE
  else
    Result := HKEY_CURRENT_USER;
end;

function PathKey: string;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

// Where our folder begins in the path between semicolons; 0 where it is not.
function OnPath(Path: string): Integer;
begin
  Result := Pos(';' + Lowercase(ExpandConstant('{app}')) + ';', ';' + Lowercase(Path) + ';');
end;

procedure CurStepChanged(Step: TSetupStep);
var
  Path: string;
begin
  if (Step <> ssPostInstall) or not WizardIsTaskSelected('path') then
    exit;
  if not RegQueryStringValue(PathRoot, PathKey, 'Path', Path) then
    Path := '';
  if OnPath(Path) > 0 then
    exit;
  if (Path <> '') and (Path[Length(Path)] <> ';') then
    Path := Path + ';';
  RegWriteExpandStringValue(PathRoot, PathKey, 'Path', Path + ExpandConstant('{app}'));
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Path: string;
  Start: Integer;
begin
  if (Step <> usPostUninstall) or not RegQueryStringValue(PathRoot, PathKey, 'Path', Path) then
    exit;
  Start := OnPath(Path);
  if Start = 0 then
    exit;
  Path := ';' + Path + ';';
  Delete(Path, Start, Length(ExpandConstant('{app}')) + 1);
  RegWriteExpandStringValue(PathRoot, PathKey, 'Path', Copy(Path, 2, Length(Path) - 2));
end;
