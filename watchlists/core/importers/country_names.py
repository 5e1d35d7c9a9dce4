"""Names of States, and of their citizens, as public lists write them, by the code of the machine readable zone.

Data: names of ISO 3166-1 besides those of the UN, OFAC, EU and UK lists. In lower case
Data: without accents and punctuation.
"""

# fmt: off
NAMES_OF_STATES = """
    ABW: aruba
    AFG: afghan, afghani, afghanistan, islamic republic of afghanistan
    AGO: angola, republic of angola
    AIA: anguilla
    ALA: aland islands
    ALB: albania, republic of albania
    AND: andorra, principality of andorra
    ARE: uae, united arab emirates
    ARG: argentina, argentine republic
    ARM: armenia, republic of armenia
    ASM: american samoa
    ATA: antarctica
    ATF: french southern territories
    ATG: antigua and barbuda
    AUS: australia
    AUT: austria, republic of austria
    AZE: azerbaijan, republic of azerbaijan
    BDI: burundi, republic of burundi
    BEL: belgium, kingdom of belgium
    BEN: benin, republic of benin
    BES: bonaire sint eustatius and saba, sint eustatius and saba bonaire
    BFA: burkina faso
    BGD: bangladesh, people s republic of bangladesh
    BGR: bulgaria, republic of bulgaria
    BHR: bahrain, kingdom of bahrain
    BHS: bahamas, bahamas the, commonwealth of the bahamas, the bahamas
    BIH: bosnia, bosnia and herzegovina, republic of bosnia and herzegovina
    BLM: saint barthelemy
    BLR: belarus, belarusian, republic of belarus
    BLZ: belize
    BMU: bermuda
    BOL: bolivia, bolivia plurinational state of, plurinational state of bolivia
    BRA: brazil, federative republic of brazil
    BRB: barbados
    BRN: brunei, brunei darussalam
    BTN: bhutan, kingdom of bhutan
    BVT: bouvet island
    BWA: botswana, republic of botswana
    CAF: central african republic
    CAN: canada
    CCK: cocos islands, cocos keeling islands
    CHE: swiss confederation, switzerland
    CHL: chile, republic of chile
    CHN: china, china people s republic of, chinese, mainland china, people s republic of china
    CIV: cote d ivoire, ivory coast, republic of cote d ivoire
    CMR: cameroon, republic of cameroon
    COD: congo democratic republic of the, congo kinshasa, congo the democratic republic of the, congolese
    COD: democratic republic of the congo, dr congo, drc, the democratic republic of the congo
    COG: congo, congo brazzaville, congo republic of the, republic of the congo
    COK: cook islands
    COL: colombia, republic of colombia
    COM: comoros, union of the comoros
    CPV: cabo verde, cape verde, republic of cabo verde
    CRI: costa rica, republic of costa rica
    CUB: cuba, republic of cuba
    CUW: curacao
    CXR: christmas island
    CYM: cayman islands
    CYP: cyprus, republic of cyprus
    CZE: czech republic, czechia
    DEU: federal republic of germany, german, germany
    DJI: djibouti, republic of djibouti
    DMA: commonwealth of dominica, dominica
    DNK: denmark, kingdom of denmark
    DOM: dominican republic
    DZA: algeria, algerian, people s democratic republic of algeria
    ECU: ecuador, republic of ecuador
    EGY: arab republic of egypt, egypt, egyptian
    ERI: eritrea, the state of eritrea
    ESH: western sahara
    ESP: kingdom of spain, spain
    EST: estonia, republic of estonia
    ETH: ethiopia, federal democratic republic of ethiopia
    EUE: european union
    FIN: finland, republic of finland
    FJI: fiji, republic of fiji
    FLK: falkland islands, falkland islands malvinas
    FRA: france, french, french republic
    FRO: faroe islands
    FSM: federated states of micronesia, micronesia, micronesia federated states of
    GAB: gabon, gabonese republic
    GBR: british, great britain, uk, united kingdom, united kingdom of great britain and northern ireland
    GEO: georgia
    GGY: guernsey
    GHA: ghana, republic of ghana
    GIB: gibraltar
    GIN: guinea, republic of guinea
    GLP: guadeloupe
    GMB: gambia, gambia the, republic of the gambia, the gambia
    GNB: guinea bissau, republic of guinea bissau
    GNQ: equatorial guinea, republic of equatorial guinea
    GRC: greece, hellenic republic
    GRD: grenada
    GRL: greenland
    GTM: guatemala, republic of guatemala
    GUF: french guiana
    GUM: guam
    GUY: guyana, republic of guyana
    HKG: hong kong, hong kong special administrative region of china
    HMD: heard island and mcdonald islands
    HND: honduras, republic of honduras
    HRV: croatia, republic of croatia
    HTI: haiti, republic of haiti
    HUN: hungary
    IDN: indonesia, indonesian, republic of indonesia
    IMN: isle of man
    IND: india, republic of india
    IOT: british indian ocean territory
    IRL: ireland
    IRN: iran, iran islamic republic of, iranian, islamic republic of iran
    IRQ: iraq, iraqi, republic of iraq
    ISL: iceland, republic of iceland
    ISR: israel, israeli, state of israel
    ITA: italian republic, italy
    JAM: jamaica
    JEY: jersey
    JOR: hashemite kingdom of jordan, jordan, jordanian
    JPN: japan
    KAZ: kazakhstan, republic of kazakhstan
    KEN: kenya, republic of kenya
    KGZ: kyrgyz republic, kyrgyzstan
    KHM: cambodia, kingdom of cambodia
    KIR: kiribati, republic of kiribati
    KNA: saint kitts and nevis, st kitts and nevis
    KOR: korea republic of, korea south, republic of korea, south korea
    KWT: kuwait, kuwaiti, state of kuwait
    LAO: lao people s democratic republic, laos
    LBN: lebanese, lebanese republic, lebanon
    LBR: liberia, republic of liberia
    LBY: libya, libyan, libyan arab jamahiriya
    LCA: saint lucia, st lucia
    LIE: liechtenstein, principality of liechtenstein
    LKA: democratic socialist republic of sri lanka, sri lanka
    LSO: kingdom of lesotho, lesotho
    LTU: lithuania, republic of lithuania
    LUX: grand duchy of luxembourg, luxembourg
    LVA: latvia, republic of latvia
    MAC: macao, macao special administrative region of china, macau
    MAF: saint martin, saint martin french part
    MAR: kingdom of morocco, moroccan, morocco
    MCO: monaco, principality of monaco
    MDA: moldova, moldova republic of, republic of moldova
    MDG: madagascar, republic of madagascar
    MDV: maldives, republic of maldives
    MEX: mexico, united mexican states
    MHL: marshall islands, republic of the marshall islands
    MKD: macedonia, macedonia the former yugoslav republic of, north macedonia, republic of north macedonia
    MKD: the former yugoslav republic of macedonia
    MLI: mali, republic of mali
    MLT: malta, republic of malta
    MMR: burma, burmese, myanmar, myanmar burma, republic of myanmar
    MNE: montenegro
    MNG: mongolia
    MNP: commonwealth of the northern mariana islands, northern mariana islands
    MOZ: mozambique, republic of mozambique
    MRT: islamic republic of mauritania, mauritania
    MSR: montserrat
    MTQ: martinique
    MUS: mauritius, republic of mauritius
    MWI: malawi, republic of malawi
    MYS: malaysia, malaysian
    MYT: mayotte
    NAM: namibia, republic of namibia
    NCL: new caledonia
    NER: niger, republic of the niger
    NFK: norfolk island
    NGA: federal republic of nigeria, nigeria
    NIC: nicaragua, republic of nicaragua
    NIU: niue
    NLD: kingdom of the netherlands, netherlands, netherlands the, the netherlands
    NOR: kingdom of norway, norway
    NPL: federal democratic republic of nepal, nepal
    NRU: nauru, republic of nauru
    NZL: new zealand
    OMN: oman, sultanate of oman
    PAK: islamic republic of pakistan, pakistan, pakistani
    PAN: panama, republic of panama
    PCN: pitcairn
    PER: peru, republic of peru
    PHL: filipino, philippines, republic of the philippines
    PLW: palau, republic of palau
    PNG: independent state of papua new guinea, papua new guinea
    POL: poland, republic of poland
    PRI: puerto rico
    PRK: democratic people s republic of korea, dprk, korea democratic people s republic of, korea north
    PRK: north korea, north korean
    PRT: portugal, portuguese republic
    PRY: paraguay, republic of paraguay
    PSE: gaza, occupied palestinian territories, palestine, palestine state of, palestinian
    PSE: palestinian territories, region gaza, state of palestine, the state of palestine, west bank
    PYF: french polynesia
    QAT: qatar, qatari, state of qatar
    REU: reunion
    RKS: kosovo
    ROU: romania
    RUS: russia, russian, russian federation
    RWA: rwanda, rwandese republic
    SAU: kingdom of saudi arabia, saudi, saudi arabia, saudi arabian
    SDN: republic of the sudan, sudan, sudanese
    SEN: republic of senegal, senegal
    SGP: republic of singapore, singapore
    SGS: south georgia and the south sandwich islands
    SHN: ascension and tristan da cunha saint helena, saint helena ascension and tristan da cunha
    SJM: svalbard and jan mayen
    SLB: solomon islands
    SLE: republic of sierra leone, sierra leone
    SLV: el salvador, republic of el salvador
    SMR: republic of san marino, san marino
    SOM: federal republic of somalia, somali, somalia
    SPM: saint pierre and miquelon
    SRB: republic of serbia, serbia
    SSD: republic of south sudan, south sudan
    STP: democratic republic of sao tome and principe, sao tome and principe
    SUR: republic of suriname, suriname
    SVK: slovak republic, slovakia
    SVN: republic of slovenia, slovenia
    SWE: kingdom of sweden, sweden
    SWZ: eswatini, kingdom of eswatini, swaziland
    SXM: sint maarten, sint maarten dutch part
    SYC: republic of seychelles, seychelles
    SYR: syria, syrian, syrian arab republic
    TCA: turks and caicos islands
    TCD: chad, republic of chad
    TGO: togo, togolese republic
    THA: kingdom of thailand, thailand
    TJK: republic of tajikistan, tajikistan
    TKL: tokelau
    TKM: turkmenistan
    TLS: democratic republic of timor leste, east timor, timor leste
    TON: kingdom of tonga, tonga
    TTO: republic of trinidad and tobago, trinidad, trinidad and tobago
    TUN: republic of tunisia, tunisia, tunisian
    TUR: republic of turkiye, turkey, turkish, turkiye
    TUV: tuvalu
    TWN: province of china taiwan, taiwan, taiwan province of china
    TZA: tanzania, tanzania united republic of, united republic of tanzania
    UGA: republic of uganda, uganda
    UKR: ukraine, ukrainian
    UMI: united states minor outlying islands
    UNO: united nations
    URY: eastern republic of uruguay, uruguay
    USA: american, united states, united states of america, us, usa
    UTO: utopia
    UZB: republic of uzbekistan, uzbekistan
    VAT: holy see, holy see vatican city state, vatican, vatican city
    VCT: saint vincent, saint vincent and the grenadines
    VEN: bolivarian republic of venezuela, venezuela, venezuela bolivarian republic of
    VGB: british virgin islands, virgin islands british
    VIR: u s virgin islands, virgin islands of the united states, virgin islands u s
    VNM: socialist republic of viet nam, viet nam, vietnam
    VUT: republic of vanuatu, vanuatu
    WLF: wallis and futuna
    WSM: independent state of samoa, samoa
    XXA: stateless
    YEM: republic of yemen, yemen, yemeni
    ZAF: republic of south africa, south africa
    ZMB: republic of zambia, zambia
    ZWE: republic of zimbabwe, zimbabwe, zimbabwean
"""

ALPHA_2 = """
    AD=AND AE=ARE AF=AFG AG=ATG AI=AIA AL=ALB AM=ARM AO=AGO AQ=ATA AR=ARG AS=ASM AT=AUT AU=AUS AW=ABW AX=ALA AZ=AZE
    BA=BIH BB=BRB BD=BGD BE=BEL BF=BFA BG=BGR BH=BHR BI=BDI BJ=BEN BL=BLM BM=BMU BN=BRN BO=BOL BQ=BES BR=BRA BS=BHS
    BT=BTN BV=BVT BW=BWA BY=BLR BZ=BLZ CA=CAN CC=CCK CD=COD CF=CAF CG=COG CH=CHE CI=CIV CK=COK CL=CHL CM=CMR CN=CHN
    CO=COL CR=CRI CU=CUB CV=CPV CW=CUW CX=CXR CY=CYP CZ=CZE DE=DEU DJ=DJI DK=DNK DM=DMA DO=DOM DZ=DZA EC=ECU EE=EST
    EG=EGY EH=ESH EL=GRC ER=ERI ES=ESP ET=ETH EU=EUE FI=FIN FJ=FJI FK=FLK FM=FSM FO=FRO FR=FRA GA=GAB GB=GBR GD=GRD
    GE=GEO GF=GUF GG=GGY GH=GHA GI=GIB GL=GRL GM=GMB GN=GIN GP=GLP GQ=GNQ GR=GRC GS=SGS GT=GTM GU=GUM GW=GNB GY=GUY
    HK=HKG HM=HMD HN=HND HR=HRV HT=HTI HU=HUN ID=IDN IE=IRL IL=ISR IM=IMN IN=IND IO=IOT IQ=IRQ IR=IRN IS=ISL IT=ITA
    JE=JEY JM=JAM JO=JOR JP=JPN KE=KEN KG=KGZ KH=KHM KI=KIR KM=COM KN=KNA KP=PRK KR=KOR KW=KWT KY=CYM KZ=KAZ LA=LAO
    LB=LBN LC=LCA LI=LIE LK=LKA LR=LBR LS=LSO LT=LTU LU=LUX LV=LVA LY=LBY MA=MAR MC=MCO MD=MDA ME=MNE MF=MAF MG=MDG
    MH=MHL MK=MKD ML=MLI MM=MMR MN=MNG MO=MAC MP=MNP MQ=MTQ MR=MRT MS=MSR MT=MLT MU=MUS MV=MDV MW=MWI MX=MEX MY=MYS
    MZ=MOZ NA=NAM NC=NCL NE=NER NF=NFK NG=NGA NI=NIC NL=NLD NO=NOR NP=NPL NR=NRU NU=NIU NZ=NZL OM=OMN PA=PAN PE=PER
    PF=PYF PG=PNG PH=PHL PK=PAK PL=POL PM=SPM PN=PCN PR=PRI PS=PSE PT=PRT PW=PLW PY=PRY QA=QAT RE=REU RO=ROU RS=SRB
    RU=RUS RW=RWA SA=SAU SB=SLB SC=SYC SD=SDN SE=SWE SG=SGP SH=SHN SI=SVN SJ=SJM SK=SVK SL=SLE SM=SMR SN=SEN SO=SOM
    SR=SUR SS=SSD ST=STP SV=SLV SX=SXM SY=SYR SZ=SWZ TC=TCA TD=TCD TF=ATF TG=TGO TH=THA TJ=TJK TK=TKL TL=TLS TM=TKM
    TN=TUN TO=TON TR=TUR TT=TTO TV=TUV TW=TWN TZ=TZA UA=UKR UG=UGA UK=GBR UM=UMI US=USA UY=URY UZ=UZB VA=VAT VC=VCT
    VE=VEN VG=VGB VI=VIR VN=VNM VU=VUT WF=WLF WS=WSM XK=RKS YE=YEM YT=MYT ZA=ZAF ZM=ZMB ZW=ZWE
"""
# fmt: on
