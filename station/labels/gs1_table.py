"""GS1 Application Identifiers with their formats, as GS1 publishes them (General Specifications 3.2).

A format is a sequence of components: ``N`` digits, ``X`` characters of set 82, ``Y`` of set 39, ``Z`` of the
file-safe base 64 alphabet; ``N6`` exactly six, ``X..20`` one to twenty; components in brackets are optional.
A colon precedes the check of the content: see `gs1_formats`.
"""

from __future__ import annotations

from typing import Final

TABLE: Final = """
00        N18:check                   SSCC
01        N14:check                   GTIN
02        N14:check                   GTIN of contents
03        N14:check                   made-to-order GTIN
10        X..20                       batch or lot
11        N6:date                     production date
12        N6:date                     due date
13        N6:date                     packaging date
15        N6:date                     best before date
16        N6:date                     sell by date
17        N6:date                     expiration date
20        N2                          variant
21        X..20                       serial number
22        X..20                       consumer product variant
235       X..28                       third-party serial extension
240       X..30                       additional product id
241       X..30                       customer part number
242       N..6                        made-to-order variation
243       X..20                       packaging component
250       X..30                       secondary serial number
251       X..30                       reference to source
253       N13:check [X..17]           document type id
254       X..20                       GLN extension
255       N13:check [N..12]           coupon number
30        N..8                        variable count
3100-3165 N6                          trade measure
3200-3295 N6                          trade measure
3300-3375 N6                          logistic measure
3400-3495 N6                          logistic measure
3500-3575 N6                          trade measure
3600-3695 N6                          trade measure
37        N..8                        count of contents
3900-3909 N..15                       amount
3910-3919 N3 N..15                    amount with currency
3920-3929 N..15                       price
3930-3939 N3 N..15                    price with currency
3940-3943 N4                          percentage discount
3950-3955 N6                          price per unit of measure
400       X..30                       purchase order
401       X..30:company               consignment
402       N17:check                   shipment
403       X..30                       routing code
410       N13:check                   ship to GLN
411       N13:check                   bill to GLN
412       N13:check                   purchased from GLN
413       N13:check                   ship for GLN
414       N13:check                   physical location GLN
415       N13:check                   invoicing party GLN
416       N13:check                   production location GLN
417       N13:check                   party GLN
420       X..20                       ship to postal code
421       N3 X..9                     ship to country and postal code
422       N3                          country of origin
423       N3 [N3] [N3] [N3] [N3]      countries of initial processing
424       N3                          country of processing
425       N3 [N3] [N3] [N3] [N3]      countries of disassembly
426       N3                          country of full processing
427       X..3                        origin subdivision
4300-4301 X..35                       ship to name
4302-4306 X..70                       ship to address
4307      X2:country                  ship to country
4308      X..30                       ship to telephone
4309      N20                         ship to geo location
4310-4311 X..35                       return to name
4312-4316 X..70                       return to address
4317      X2:country                  return to country
4318      X..20                       return to postal code
4319      X..30                       return to telephone
4320      X..35                       service description
4321-4323 N1:flag                     delivery flag
4324-4325 N6:date N4:time_or_none     delivery time
4326      N6:day                      release date
4330-4333 N6 [X1:minus]               temperature
7001      N13                         NATO stock number
7002      X..30                       meat cut
7003      N6:day N4:time              expiration time
7004      N..4                        active potency
7005      X..12                       catch area
7006      N6:day                      first freeze date
7007      N6:day [N6:day]             harvest date
7008      X..3                        aquatic species
7009      X..10                       fishing gear
7010      X..2                        production method
7011      N6:day [N4:time]            test by date
7020      X..20                       refurbishment lot
7021      X..20                       functional status
7022      X..20                       revision status
7023      X..30:company               asset of an assembly
7030-7039 N3 X..27                    processor
7040      N1 X3                       unique identification code
7041      X..4                        freight unit type
710-717   X..20                       national reimbursement number
7230-7239 X2 X..28                    certification
7240      X..20                       protocol
7241      N2                          media type
7242      X..25                       version control
7250      N8:birth_day                date of birth
7251      N8:birth_day N4:time        time of birth
7252      N1                          biological sex
7253-7254 X..40                       name
7255      X..10                       name suffix
7256      X..90                       full name
7257      X..70                       address
7258      X3:birth_order              birth sequence
7259      X..40                       baby
8001      N14                         roll dimensions
8002      X..20                       mobile telephone id
8003      N14:asset_type [X..16]      returnable asset
8004      X..30:company               individual asset
8005      N6                          price per unit
8006      N14:check N4:piece          piece of a trade item
8007      X..34                       IBAN
8008      N6:day N2:hour [N2:sixty] [N2:sixty]  production time
8009      X..50                       sensor indicator
8010      Y..30:company               component or part
8011      N..12:no_leading_zero       component or part serial number
8012      X..20                       software version
8013      X..25:pair                  global model number
8014      X..25:pair                  master UDI
8017      N18:check                   provider of a service
8018      N18:check                   recipient of a service
8019      N..10                       service relation instance
8020      X..25                       payment slip
8026      N14:check N4:piece          piece of contents
8030      Z..90                       digital signature
8040-8041 N15:imei                    IMEI
8042      N32                         eSIM
8043      N18 [N..2]                  SIM
8110      X..70                       coupon
8111      N4                          loyalty points
8112      X..70                       coupon offer
8200      X..70                       product URL
90        X..30                       mutually agreed
91-99     X..90                       company internal
"""

PREDEFINED: Final = {
    "00": 18,
    **dict.fromkeys(("01", "02", "03"), 14),
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6),
    "20": 2,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6),
    "41": 13,
}
"""First two digits of an identifier to the length of its data, where it needs no separator after it
(General Specifications 7.8.5; the list is closed)."""
