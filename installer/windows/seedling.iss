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
Source: "..\..\dist\seedling\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

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
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\shell\open\command"; ValueType: string; ValueData: """{app}\seedling-window.exe"" ""%1"""; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\SupportedTypes"; ValueType: string; ValueName: ".gguf"; ValueData: ""; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\SupportedTypes"; ValueType: string; ValueName: ".jsonl"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\SupportedTypes"; ValueType: string; ValueName: ".csv"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\seedling-window.exe\SupportedTypes"; ValueType: string; ValueName: ".parquet"; ValueData: ""
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: IsNotOnPath

[Run]
Filename: "{app}\seedling-window.exe"; Description: "{cm:LaunchProgram,Seedling}"; Flags: nowait postinstall skipifsilent

[Code]
function IsNotOnPath: Boolean;
var
  Path: string;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path) then
    Path := '';
  Result := Pos(';' + Lowercase(ExpandConstant('{app}')) + ';', ';' + Lowercase(Path) + ';') = 0;
end;
