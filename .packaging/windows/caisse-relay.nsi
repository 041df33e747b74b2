; The Windows installer: per machine, silent with /S. .packaging/build makes it.
;
;   caisse-relay-setup.exe /S [/LAN] [/HEADLESS] [/NOTRUST] [/D=C:\folder]
;   uninstall.exe /S [/PURGE]
;
; A caisse-relay.toml beside the installer becomes this machine's configuration.

Target amd64-unicode
Unicode true
!ifdef DRAFT
  SetCompress off
!else
  SetCompressor /SOLID lzma
  SetCompressorDictSize 32
!endif
ManifestDPIAware true
RequestExecutionLevel admin

!include MUI2.nsh
!include nsDialogs.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include x64.nsh

!define NAME "Caisse Relay"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define RULE "Caisse Relay"

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\${NAME}"
InstallDirRegKey HKLM "${UNINSTALL}" InstallLocation
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Lets a point of sale in the browser talk to card terminals"
VIAddVersionKey LegalCopyright "MIT OR Apache-2.0"

Var Lan
Var Headless
Var Trust
Var LanBox
Var TrustBox

!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_TITLE_3LINES
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_TEXT "$(StartNow)"
!define MUI_FINISHPAGE_RUN_FUNCTION StartNow

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
Page custom ChoicesShow ChoicesLeave
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "English"

LangString StartNow ${LANG_FRENCH} "Démarrer Caisse Relay maintenant"
LangString StartNow ${LANG_ENGLISH} "Start Caisse Relay now"
LangString ChoicesTitle ${LANG_FRENCH} "Qui parle au relais"
LangString ChoicesTitle ${LANG_ENGLISH} "Who talks to the relay"
LangString ChoicesText ${LANG_FRENCH} "Le navigateur de cet ordinateur, toujours ; les autres, si vous le voulez."
LangString ChoicesText ${LANG_ENGLISH} "The browser of this computer, always; others, if you want."
LangString TrustLabel ${LANG_FRENCH} "Faire confiance au certificat du relais (recommandé)"
LangString TrustLabel ${LANG_ENGLISH} "Trust the relay's certificate (recommended)"
LangString TrustWhy ${LANG_FRENCH} "La page de caisse parle au relais par une connexion chiffrée. Le relais fabrique pour cela, sur cet ordinateur, une autorité de certification à lui seul : elle ne vaut que pour les adresses privées et les noms locaux, jamais pour un site d'Internet, et sa clé ne quitte pas cet ordinateur. Sans cette confiance, le navigateur refuse la connexion. La désinstallation la retire."
LangString TrustWhy ${LANG_ENGLISH} "The till page talks to the relay over an encrypted connection. For that the relay makes, on this computer, a certificate authority of its own: it is good for private addresses and local names only, never for a site of the Internet, and its key does not leave this computer. Without this trust the browser refuses the connection. Uninstalling takes it back."
LangString LanLabel ${LANG_FRENCH} "Laisser entrer les caisses et tablettes du réseau de la boutique"
LangString LanLabel ${LANG_ENGLISH} "Let tills and tablets of the shop's network in"
LangString LanWhy ${LANG_FRENCH} "Ajoute une règle au pare-feu, pour les réseaux privés seulement. Chaque caisse devra encore être appairée avec un code."
LangString LanWhy ${LANG_ENGLISH} "Adds a firewall rule, for private networks only. Each till still has to be paired with a code."
LangString TrustLater ${LANG_FRENCH} "La personne qui utilise la caisse doit encore lancer, dans sa session : caisse-relay certs install"
LangString TrustLater ${LANG_ENGLISH} "The person who uses the till still has to run, in their own session: caisse-relay certs install"
LangString LanByHand ${LANG_FRENCH} "La configuration existante est gardée : mettez-y listen = $\"0.0.0.0:9443$\" pour les caisses du réseau."
LangString LanByHand ${LANG_ENGLISH} "The existing configuration is kept: set listen = $\"0.0.0.0:9443$\" in it for tills of the network."
LangString Kept ${LANG_FRENCH} "Le journal des paiements est gardé :"
LangString Kept ${LANG_ENGLISH} "The record of payments is kept:"
LangString Needs64 ${LANG_FRENCH} "Il faut un Windows 64 bits."
LangString Needs64 ${LANG_ENGLISH} "A 64-bit Windows is needed."

!macro Switch WORD VAR
  ClearErrors
  ${GetOptions} $R0 "${WORD}" $R1
  ${IfNot} ${Errors}
    StrCpy ${VAR} 1
  ${EndIf}
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "$(Needs64)" /SD IDOK
    Abort
  ${EndIf}
  SetRegView 64
  SetShellVarContext all
  ${GetParameters} $R0
  StrCpy $Lan 0
  StrCpy $Headless 0
  StrCpy $Trust 0
  !insertmacro Switch "/LAN" $Lan
  !insertmacro Switch "/HEADLESS" $Headless
  !insertmacro Switch "/NOTRUST" $Trust
  IntOp $Trust 1 - $Trust
FunctionEnd

Function ChoicesShow
  !insertmacro MUI_HEADER_TEXT "$(ChoicesTitle)" "$(ChoicesText)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateCheckbox} 0 0 100% 12u "$(TrustLabel)"
  Pop $TrustBox
  ${NSD_SetState} $TrustBox $Trust
  ${NSD_CreateLabel} 12u 14u 95% 58u "$(TrustWhy)"
  Pop $0
  ${NSD_CreateCheckbox} 0 80u 100% 12u "$(LanLabel)"
  Pop $LanBox
  ${NSD_SetState} $LanBox $Lan
  ${NSD_CreateLabel} 12u 94u 95% 30u "$(LanWhy)"
  Pop $0
  nsDialogs::Show
FunctionEnd

Function ChoicesLeave
  ${NSD_GetState} $TrustBox $Trust
  ${NSD_GetState} $LanBox $Lan
FunctionEnd

; Not as the administrator who installs: through the shell of whoever is logged in.
Function StartNow
  Exec '"$WINDIR\explorer.exe" "$SMPROGRAMS\${NAME}.lnk"'
FunctionEnd

; A program that runs can be renamed, and goes on: a payment under way is not cut off by an update.
!macro SetAside FILE
  ${If} ${FileExists} "$INSTDIR\${FILE}.exe"
    Delete "$INSTDIR\${FILE}.exe"
    ${If} ${FileExists} "$INSTDIR\${FILE}.exe"
      Delete "$INSTDIR\${FILE}.old"
      Rename "$INSTDIR\${FILE}.exe" "$INSTDIR\${FILE}.old"
      Delete /REBOOTOK "$INSTDIR\${FILE}.old"
    ${EndIf}
  ${EndIf}
!macroend

Section
  SetOutPath "$INSTDIR"
  !insertmacro SetAside caisse-relay
  !insertmacro SetAside caisse-relayw
  File "${FILES}\caisse-relay.exe"
  File "${FILES}\caisse-relayw.exe"
  File "${FILES}\caisse-relay.example.toml"
  File "${FILES}\LICENSE-MIT.txt"
  File "${FILES}\LICENSE-APACHE.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  ; This machine's configuration. Everybody reads it, administrators change it.
  CreateDirectory "$APPDATA\caisse-relay"
  nsExec::ExecToLog 'icacls "$APPDATA\caisse-relay" /inheritance:r /grant *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *S-1-5-32-545:(OI)(CI)RX'
  Pop $0
  StrCpy $1 "$APPDATA\caisse-relay\caisse-relay.toml"
  ${If} ${FileExists} "$EXEDIR\caisse-relay.toml"
    Delete "$1.bak"
    Rename "$1" "$1.bak"
    CopyFiles /SILENT "$EXEDIR\caisse-relay.toml" "$1"
  ${ElseIf} $Lan == 1
    ${If} ${FileExists} "$1"
      DetailPrint "$(LanByHand)"
    ${Else}
      FileOpen $2 "$1" w
      FileWrite $2 'listen = "0.0.0.0:9443"$\r$\n'
      FileClose $2
    ${EndIf}
  ${EndIf}

  nsExec::ExecToLog 'netsh advfirewall firewall delete rule name="${RULE}"'
  Pop $0
  ${If} $Lan == 1
    nsExec::ExecToLog 'netsh advfirewall firewall add rule name="${RULE}" dir=in action=allow protocol=TCP profile=private program="$INSTDIR\caisse-relay.exe"'
    Pop $0
    nsExec::ExecToLog 'netsh advfirewall firewall add rule name="${RULE}" dir=in action=allow protocol=TCP profile=private program="$INSTDIR\caisse-relayw.exe"'
    Pop $0
  ${EndIf}

  ${If} $Headless == 1
    nsExec::ExecToLog '"$INSTDIR\caisse-relay.exe" service install --as service'
  ${Else}
    nsExec::ExecToLog '"$INSTDIR\caisse-relay.exe" service install --as machine'
    Pop $0
    CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\caisse-relayw.exe" "tray" "$INSTDIR\caisse-relay.exe"
    Push 0
  ${EndIf}
  Pop $0

  ; The authority is its person's. An administrator of another name, or a deployment service, would
  ; make this machine trust one that no relay uses.
  ${If} $Trust == 1
    ReadRegStr $3 HKLM "Software\Microsoft\Windows\CurrentVersion\Authentication\LogonUI" LastLoggedOnSAMUser
    ReadEnvStr $4 USERNAME
    ${GetFileName} $3 $3
    ${If} $3 == ""
    ${OrIf} $3 == $4
      nsExec::ExecToLog '"$INSTDIR\caisse-relay.exe" certs install --store windows-machine'
      Pop $0
    ${Else}
      DetailPrint "$(TrustLater)"
      MessageBox MB_ICONINFORMATION "$(TrustLater)" /SD IDOK
    ${EndIf}
  ${EndIf}

  WriteRegStr HKLM "${UNINSTALL}" DisplayName "${NAME}"
  WriteRegStr HKLM "${UNINSTALL}" DisplayVersion "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL}" DisplayIcon "$INSTDIR\caisse-relay.exe"
  WriteRegStr HKLM "${UNINSTALL}" InstallLocation "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL}" UninstallString '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${UNINSTALL}" NoModify 1
  WriteRegDWORD HKLM "${UNINSTALL}" NoRepair 1
SectionEnd

Function un.onInit
  SetRegView 64
FunctionEnd

Section Uninstall
  ; First what only the program can take back.
  nsExec::ExecToLog '"$INSTDIR\caisse-relay.exe" service uninstall'
  Pop $0
  nsExec::ExecToLog '"$INSTDIR\caisse-relay.exe" certs uninstall'
  Pop $0
  nsExec::ExecToLog '"$INSTDIR\caisse-relay.exe" browser-policy uninstall'
  Pop $0
  nsExec::ExecToLog 'netsh advfirewall firewall delete rule name="${RULE}"'
  Pop $0

  SetShellVarContext all
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKLM "${UNINSTALL}"
  Delete /REBOOTOK "$INSTDIR\caisse-relay.exe"
  Delete /REBOOTOK "$INSTDIR\caisse-relayw.exe"
  Delete /REBOOTOK "$INSTDIR\caisse-relay.old"
  Delete /REBOOTOK "$INSTDIR\caisse-relayw.old"
  Delete "$INSTDIR\caisse-relay.example.toml"
  Delete "$INSTDIR\LICENSE-MIT.txt"
  Delete "$INSTDIR\LICENSE-APACHE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"

  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/PURGE" $R1
  ${IfNot} ${Errors}
    RMDir /r "$APPDATA\caisse-relay"
    RMDir /r "$WINDIR\ServiceProfiles\LocalService\AppData\Local\caisse-relay"
    RMDir /r "$WINDIR\ServiceProfiles\LocalService\AppData\Roaming\caisse-relay"
    SetShellVarContext current
    RMDir /r "$LOCALAPPDATA\caisse-relay"
    RMDir /r "$APPDATA\caisse-relay"
  ${Else}
    SetShellVarContext current
    DetailPrint "$(Kept) $LOCALAPPDATA\caisse-relay"
  ${EndIf}
SectionEnd
