"""Lists in each format, of invented persons, as bytes."""

import io
from collections.abc import Mapping

from watchlists.core.importers import FORMATS, EntryDraft, Item, RowIssue

UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS>
<INDIVIDUAL><DATAID>700</DATAID><FIRST_NAME>ANNA</FIRST_NAME><SECOND_NAME>MARIA</SECOND_NAME><THIRD_NAME>ERIKSSON</THIRD_NAME>
<UN_LIST_TYPE>Utopia</UN_LIST_TYPE><REFERENCE_NUMBER>UTi.001</REFERENCE_NUMBER><LISTED_ON>2012-12-31-05:00</LISTED_ON><GENDER>Female</GENDER>
<NAME_ORIGINAL_SCRIPT>آنا ماريا إريكسون</NAME_ORIGINAL_SCRIPT><COMMENTS1>Tall.</COMMENTS1>
<TITLE><VALUE>Dr</VALUE></TITLE><NATIONALITY><VALUE>Utopia</VALUE><VALUE>Iran (Islamic Republic of)</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Anna Ericson</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Annie</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1974-08-12</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1975</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1970</FROM_YEAR><TO_YEAR>1976</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_PLACE_OF_BIRTH><CITY>Zenith</CITY><COUNTRY>Utopia</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Numéro de passeport</TYPE_OF_DOCUMENT><NUMBER>L898902C3 (issued in Zenith)</NUMBER>
<ISSUING_COUNTRY>Utopia</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT></INDIVIDUAL></INDIVIDUALS>
<ENTITIES><ENTITY><DATAID>701</DATAID><FIRST_NAME>UTOPIA TRADING</FIRST_NAME></ENTITY></ENTITIES></CONSOLIDATED_LIST>""".encode()

REMARKS = (
    "DOB 12 Aug 1974; alt. DOB circa 1975; alt. DOB 1970 to 1976; POB Zenith, Utopia; nationality Utopia; alt. citizen France;"
    " Gender Female; Passport L898902C3 (Utopia) expires 15 Apr 2012; alt. Passport X1; National ID No. 12-345-678 (Iran);"
    " a.k.a. 'ANNIE'; Linked To: UTOPIA TRADING."
)
NULLS = ",-0- " * 7
OFAC = (
    f'36,"UTOPIA TRADING",-0- ,"UT",-0- {NULLS}\r\n'
    f'700,"ERIKSSON, Anna Maria","individual","UT","Dr."{",-0- " * 6},"{REMARKS}"\r\n'
    f'701,"SEA UTOPIA","vessel","UT",-0- {NULLS}\r\n\x1a'
).encode()
OFAC_BESIDE = {
    "alt": b'700,1,"aka","ERICSON, Anna",-0- \r\n',
    "add": b'700,1,"Street 1","Zenith","Utopia",-0-',
    "comments": b'700," More remarks; POB Nadir, Utopia."\r\n',
}

EU_COLUMNS = (
    "fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;Entity_SubjectType;"
    "Entity_Regulation_Programme;NameAlias_LastName;NameAlias_FirstName;NameAlias_MiddleName;"
    "NameAlias_WholeName;NameAlias_Gender;BirthDate_BirthDate;BirthDate_Year;BirthDate_YearRangeFrom;"
    "BirthDate_YearRangeTo;BirthDate_Circa;BirthDate_City;BirthDate_CountryDescription;"
    "Identification_Number;Identification_TypeDescription;Identification_CountryIso2Code;"
    "Citizenship_CountryIso2Code"
)
EU = f"""\ufeff{EU_COLUMNS}
2026-02-27;13;EU.1.1;P;UTO;Eriksson;Anna;Maria;Anna Maria Eriksson;F;;;;;;;;;;;
2026-02-27;13;EU.1.1;P;UTO;;;;Анна Эрикссон;;;;;;;;;;;;
2026-02-27;13;EU.1.1;P;UTO;;;;;;1974-08-12;1974;;;false;Zenith;UTOPIA;;;;
2026-02-27;13;EU.1.1;P;UTO;;;;;;;;1970;1976;false;;UNKNOWN;;;;
2026-02-27;13;EU.1.1;P;UTO;;;;;;;;;;;;;L898902C3;National passport;FR;
2026-02-27;13;EU.1.1;P;UTO;;;;;;;;;;;;;;;;FR
2026-02-27;14;EU.2.1;E;UTO;;;;Utopia Trading;;;;;;;;;;;;
""".encode()

UK_CSV = (
    'Report Date: 23-Sep-2026\r\n'
    'Last Updated,Unique ID,UN Reference Number,Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Name type,Alias strength,Title,'
    'Name non-latin script,Regime Name,"Individual, Entity, Ship",Date Designated,D.O.B,Nationality(/ies),'
    'National Identifier number,Passport number,Gender,Town of birth,Country of birth,UK Statement of Reasons\r\n'
    '01/02/2026,UTO0001,,ERIKSSON,Anna,Maria,,,,Primary Name,,Dr,Анна Эрикссон,Utopia,Individual,31/12/2020,'
    '12/08/1974|dd/mm/1975,"(1) France (2) Iran",,L898902C3,Female,Zenith,France,Because.\r\n'
    '01/02/2026,UTO0001,,ERICSON,Annie,,,,,Alias,Low,,,Utopia,Individual,31/12/2020,,,,,,,,\r\n'
    '01/02/2026,UTO0002,,UTOPIA TRADING,,,,,,Primary Name,,,,Utopia,Entity,31/12/2020,,,,,,,,\r\n'
).encode()  # fmt: skip

UK_XML = """<?xml version="1.0"?><Designations><DateGenerated>2026-09-23T10:00:00</DateGenerated>
<Designation><UniqueID>UTO0001</UniqueID><RegimeName>Utopia</RegimeName><IndividualEntityShip>Individual</IndividualEntityShip>
<DateDesignated>31/12/2020</DateDesignated>
<Names><Name><Name6>ERIKSSON</Name6><Name1>Anna</Name1><Name2>Maria</Name2><NameType>Primary Name</NameType></Name>
<Name><Name6>ERICSON</Name6><Name1>Annie</Name1><NameType>Alias</NameType><AliasStrength>Low</AliasStrength></Name></Names>
<NonLatinNames><NonLatinName><NameNonLatinScript>Анна Эрикссон</NameNonLatinScript></NonLatinName></NonLatinNames>
<IndividualDetails><Individual><DOBs><DOB>12/08/1974</DOB><DOB>dd/mm/1975</DOB></DOBs>
<Nationalities><Nationality>France</Nationality></Nationalities><Genders><Gender>Female</Gender></Genders>
<PassportDetails><Passport><PassportNumber>L898902C3</PassportNumber></Passport></PassportDetails>
<BirthDetails><Location><TownOfBirth>Zenith</TownOfBirth><CountryOfBirth>France</CountryOfBirth></Location></BirthDetails>
</Individual></IndividualDetails></Designation></Designations>""".encode()

FTM = (
    b'{"id":"NK-1","caption":"Anna Maria Eriksson","schema":"Person","properties":{"name":["Anna Maria Eriksson"],'
    b'"alias":["Anna Ericson"],"weakAlias":["Annie"],"birthDate":["1974-08-12","1975"],"nationality":["fr"],'
    b'"gender":["female"],"passportNumber":["L898902C3"],"topics":["sanction"]}}\n'
    b'{"id":"NK-2","caption":"Utopia Trading","schema":"Company","properties":{"name":["Utopia Trading"]}}\n'
)
FTM_DELTA = (
    b'{"op":"ADD","entity":{"id":"NK-3","schema":"Person","properties":{"name":["Brita Svensson"]}}}\n'
    b'{"op":"MOD","entity":{"id":"NK-1","schema":"Person","properties":{"name":["Anna Eriksson"]}}}\n'
    b'{"op":"DEL","entity":{"id":"NK-2"}}\n'
)

INTERPOL = (
    b'{"total":2,"_embedded":{"notices":[{"entity_id":"2026/1","forename":"ANNA MARIA","name":"ERIKSSON",'
    b'"date_of_birth":"1974/08/12","sex_id":"F","nationalities":["FR"],"country_of_birth_id":"FR","place_of_birth":"Zenith",'
    b'"arrest_warrants":[{"issuing_country_id":"FR","charge":"fraude","charge_translation":"fraud"}],"_links":{"self":{"href":"x"}}},\n'
    b'{"entity_id":"2026/2","forename":null,"name":"SVENSSON","date_of_birth":"1980","sex_id":"U","nationalities":null}]}}'
)

DOCUMENTS = (
    b"number,number_folded,issuing_state,type,status,date,source,range_from,range_to,owner_state_contact\n"
    b"L898902C3,,UTO,P,stolen,2026-01-02,UTO,,,desk@example.org\n"
    b",,UTO,P,stolen blank,2026-01-02,UTO,AB0001000,AB0001999,\n"
)

ALL: Mapping[str, bytes] = {
    "un": UN,
    "ofac": OFAC,
    "eu": EU,
    "uk": UK_CSV,
    "ftm": FTM,
    "interpol": INTERPOL,
    "documents": DOCUMENTS,
}


def read(
    code: str, content: bytes, beside: Mapping[str, bytes] | None = None, encoding: str = "utf-8-sig"
) -> list[Item]:
    """Return what an importer says of some bytes."""
    companions = {kind: (io.BytesIO(other), "utf-8") for kind, other in (beside or {}).items()}
    return list(FORMATS[code].read(io.BytesIO(content), encoding, companions))


def drafts(items: list[Item]) -> list[EntryDraft]:
    """Return the entries among the items."""
    return [item for item in items if isinstance(item, EntryDraft)]


def issues(items: list[Item]) -> list[tuple[int, str, str]]:
    """Return (line, field, code) of the issues among the items."""
    return [(i.line, i.field, i.code) for i in items if isinstance(i, RowIssue)]
